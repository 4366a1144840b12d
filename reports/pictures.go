package reports

import (
	"fmt"
	"slices"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/criteria"
	"github.com/lethe-audit/lethe/internal/pixels"
)

// A Picture is one image of the data with what the models made of it. All tiles
// are planes of float32 in [−1, 1], channel by channel, row by row (C×H×W).
type Picture struct {
	Part    audit.Part
	Index   int                  // in its data set, as in audit.Sample.Index
	Input   []float32            // as the models see it
	Truth   []float32            // nil where there is none
	Outputs map[string][]float32 // by subject's name
}

// pictureParts is the order of a grid's rows.
var pictureParts = []audit.Part{audit.Forget, audit.Poisoned, audit.Triggered, audit.Retain, audit.Test}

// PictureGrid arranges pictures: one row an image, grouped by part; columns
// input, truth, original, one retrained model, then methods and controls. Under
// each output stands its error (MSE of the hole where measured, else of the whole
// image). A model without an output leaves its place empty; a picture of an
// unknown part is an error.
func PictureGrid(r *audit.Report, pictures []Picture, channels, width, height int) (pixels.Grid, error) {
	subjects := pictured(r)
	g := pixels.Grid{
		Title:   "Outputs: " + r.Plan.Name + " (below each: mean squared error)",
		Columns: []string{"input", "truth"}, Channels: channels, W: width, H: height,
	}
	for _, s := range subjects {
		g.Columns = append(g.Columns, s.Name)
	}
	rows := slices.Clone(pictures)
	for _, p := range rows {
		if !slices.Contains(pictureParts, p.Part) {
			return g, fmt.Errorf("picture %d is of part %q: want one of %v", p.Index, p.Part, pictureParts)
		}
	}
	slices.SortStableFunc(rows, func(a, b Picture) int {
		return slices.Index(pictureParts, a.Part) - slices.Index(pictureParts, b.Part)
	})
	for _, p := range rows {
		row := pixels.Row{
			Group: partWords[p.Part], Label: fmt.Sprintf("#%d", p.Index),
			Tiles: [][]float32{p.Input, p.Truth}, Notes: []string{"", ""},
		}
		for _, s := range subjects {
			row.Tiles = append(row.Tiles, p.Outputs[s.Name])
			row.Notes = append(row.Notes, errorOf(s, p.Part, p.Index))
		}
		g.Rows = append(g.Rows, row)
	}
	return g, nil
}

// pictured lists the subjects with a column: of the retrained models only the first.
func pictured(r *audit.Report) []*audit.Subject {
	var out []*audit.Subject
	oracle := false
	for _, role := range []audit.Role{audit.RoleOriginal, audit.RoleOracle, audit.RoleMethod, audit.RoleControl} {
		for i := range r.Subjects {
			s := &r.Subjects[i]
			if s.Role != role || s.Error != "" || role == audit.RoleOracle && oracle {
				continue
			}
			oracle = oracle || role == audit.RoleOracle
			out = append(out, s)
		}
	}
	return out
}

// errorOf is one image's error in words, empty where it was not measured.
func errorOf(s *audit.Subject, part audit.Part, index int) string {
	for _, view := range []string{audit.Hole, audit.Image} {
		x, ok := s.Sample(criteria.MSE.Name, view, part)
		if !ok {
			continue
		}
		if i := slices.Index(x.Index, index); i >= 0 && i < len(x.Values) {
			return number(x.Values[i])
		}
	}
	return ""
}
