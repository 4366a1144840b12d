package audit

// A Statistic is a number derived from samples for people to read, such as an
// attack's AUC. Verdicts do not rest on statistics but on the samples.
type Statistic struct {
	Name      string    `json:"name"`            // for example "membership AUC"
	Value     float64   `json:"value"`           //
	Lo        float64   `json:"lo"`              // interval at Level
	Hi        float64   `json:"hi"`              //
	Level     float64   `json:"level,omitempty"` // zero when there is no interval
	Direction Direction `json:"direction"`       //
	Identity  string    `json:"identity"`        // how it was computed
}
