package reports

import "github.com/lethe-audit/lethe/audit"

var partWords = map[audit.Part]string{
	audit.Forget:    "images to forget",
	audit.Poisoned:  "poisoned images to forget",
	audit.Retain:    "images to retain",
	audit.Test:      "images never trained on",
	audit.Triggered: "test images with the trigger put on",
}

// Better says which way a sample is better in a comparison of methods. On images
// to forget and under attack nothing is better than what a retrained model
// does: a lower error there is a memory, not a merit. Elsewhere the sample's own
// direction counts.
func Better(s audit.Sample) audit.Direction {
	switch s.Part {
	case audit.Forget, audit.Poisoned, audit.Triggered:
		return audit.Neutral
	}
	if s.Direction == "" {
		return audit.Neutral
	}
	return s.Direction
}

func arrow(d audit.Direction) string {
	switch d {
	case "":
		return ""
	case audit.Lower:
		return "↓"
	case audit.Higher:
		return "↑"
	}
	return "≈"
}
