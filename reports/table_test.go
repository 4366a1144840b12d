package reports

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/audit"
)

// one makes a subject with one MSE value on a part.
func one(name string, role audit.Role, part audit.Part, d audit.Direction, v float64) audit.Subject {
	return audit.Subject{Name: name, Role: role, Samples: []audit.Sample{
		{Quantity: "mse", View: "hole", Part: part, Identity: "id", Direction: d, Unit: audit.PerImage, Index: []int{0}, Values: []float64{v}}}}
}

func best(t Table) (names []string) {
	for _, row := range t.Rows {
		if row.Cells[0].Best {
			names = append(names, row.Name)
		}
	}
	return names
}

func TestBest(t *testing.T) {
	for _, c := range []struct {
		name      string
		part      audit.Part
		direction audit.Direction
		methods   []float64
		want      []string
	}{
		{"lower error on retained images", audit.Retain, audit.Lower, []float64{.3, .2}, []string{"m1"}},
		{"higher score", audit.Retain, audit.Higher, []float64{.3, .2}, []string{"m0"}},
		{"neutral: closest to the retrained mean .5", audit.Test, audit.Neutral, []float64{.1, .6, .7}, []string{"m1"}},
		{"lower error on forget images is no merit", audit.Forget, audit.Lower, []float64{.1, .6}, []string{"m1"}},
		{"values that print alike share the mark", audit.Retain, audit.Lower, []float64{.30001, .30002, .4}, []string{"m0", "m1"}},
		{"one method has nobody to beat", audit.Retain, audit.Lower, []float64{.3}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &audit.Report{Quantities: quantities, Subjects: []audit.Subject{
				one("original", audit.RoleOriginal, c.part, c.direction, 0),
				one("oracle-1", audit.RoleOracle, c.part, c.direction, .4), one("oracle-2", audit.RoleOracle, c.part, c.direction, .6)}}
			for i, v := range c.methods {
				r.Subjects = append(r.Subjects, one("m"+strconv.Itoa(i), audit.RoleMethod, c.part, c.direction, v))
			}
			r.Subjects = append(r.Subjects, one("control", audit.RoleControl, c.part, c.direction, .5))
			table := NewTable(r)
			assert.Equal(t, c.want, best(table))
			assert.Equal(t, "0.400–0.600", table.Rows[0].Cells[0].String(), "the reference is the retrained models' range")
			assert.Equal(t, "original", table.Rows[1].Name)
		})
	}
}

func TestOtherIdentityGetsItsOwnColumn(t *testing.T) {
	a, b := one("a", audit.RoleMethod, audit.Test, audit.Lower, .1), one("b", audit.RoleMethod, audit.Test, audit.Lower, .2)
	b.Samples[0].Identity = "another resize"
	table := NewTable(&audit.Report{Quantities: quantities, Subjects: []audit.Subject{a, b}})
	require.Len(t, table.Columns, 3)
	assert.Equal(t, "MSE a hole ↓", table.Columns[0].heading())
	assert.Equal(t, "MSE b hole ↓", table.Columns[1].heading())
	assert.True(t, table.Columns[0].Main && table.Columns[1].Main)
	assert.Contains(t, table.Columns[1].Legend, "another resize")
	assert.Equal(t, []string{"0.100", "n/a"}, []string{table.Rows[0].Cells[0].Text, table.Rows[0].Cells[1].Text})
	assert.Empty(t, best(table), "numbers of different identities are not compared")
}

// What was made elsewhere has no cost: reading a file is no cheap unlearning.
func TestNoCostOfModelsFromElsewhere(t *testing.T) {
	r := &audit.Report{}
	for name, cost := range map[string]audit.Cost{
		"theirs": {Elsewhere: true}, "slow": {Seconds: 9, RelativeTime: 3}, "fast": {Seconds: 3, RelativeTime: 1},
	} {
		s := one(name, audit.RoleMethod, audit.Retain, audit.Lower, .1)
		s.Cost = cost
		r.Subjects = append(r.Subjects, s)
	}
	table := NewTable(r)
	for i, c := range table.Columns {
		if c.Group != "cost" {
			continue
		}
		theirs, _ := table.Row("theirs")
		fast, _ := table.Row("fast")
		assert.Equal(t, Cell{Text: "—"}, theirs.Cells[i], c.Head)
		if c.Head == "time" {
			assert.True(t, fast.Cells[i].Best)
		}
		assert.Contains(t, c.Legend, "; — for a model that was not made here")
	}
	for format, want := range map[string]string{"text": "—", "markdown": "—", "latex": " & ---"} {
		f, err := Lookup(format)
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, f.Render(&b, r))
		assert.Contains(t, b.String(), want, format)
	}
	for _, c := range costColumns(synthetic(8)) {
		assert.NotContains(t, c.Legend, "—", "where every model was made here")
	}
}

func TestProvenanceOfNoise(t *testing.T) {
	r := synthetic(8)
	without := provenance(r)
	r.Plan.Secret = &audit.Secret{Path: "noise.key", Commitment: "c0ffee"}
	with := provenance(r)
	require.Len(t, with, len(without)+1)
	assert.Equal(t, Entry{"secret", "(ε, δ) noise is drawn from the secret with the commitment c0ffee"}, with[len(with)-2])
	assert.Equal(t, "format", with[len(with)-1].Term)
}

func TestProvenanceOfUnseenImages(t *testing.T) {
	r := synthetic(8)
	data := func() string {
		all := provenance(r)
		return all[slices.IndexFunc(all, func(e Entry) bool { return e.Term == "data" })].Text
	}
	without := data()
	assert.NotContains(t, without, "unseen", "where none were set aside")
	r.Data.Unseen = 128
	assert.Equal(t, without+", unseen 128", data())
}

func TestErrorRowHasNoNumbers(t *testing.T) {
	row, ok := NewTable(synthetic(8)).Row("noisy-labels")
	require.True(t, ok)
	last := len(row.Cells) - 1
	assert.Equal(t, "ERROR", row.Cells[last].Text)
	for _, c := range row.Cells[:last] {
		assert.Empty(t, c.String())
	}
}

func TestWholeImageStandsInForTheHole(t *testing.T) {
	s := one("a", audit.RoleMethod, audit.Test, audit.Lower, .1)
	s.Samples[0].View = "image"
	assert.True(t, NewTable(&audit.Report{Quantities: quantities, Subjects: []audit.Subject{s}}).Columns[0].Main)
}

func TestFindingWithoutInterval(t *testing.T) {
	e := evidenceOf("m", audit.Finding{Name: "spread", Estimate: .5, Margin: .2, Sides: "above", Images: 1, Seeds: 1})
	assert.Equal(t, "spread: +0.500 without an interval; margin +0.2; how retrained models differ among themselves takes "+
		"three of them to know; 1 image, 1 seed", e.String())
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", .0694: "0.0694", 12.34: "12.3", 9.996: "10.0", 999.9: "1000", 1234.5: "1234", -.5: "−0.500",
		.00012345: "1.23e−4", 1.5e-12: "1.50e−12", 123456: "1.23e5", .9999: "1.00", 99999: "1.00e5",
	} {
		assert.Equal(t, want, number(v))
	}
	assert.Equal(t, []string{"−0.100", "−0.140", "−0.060"}, together(-.1, -.14, -.06))
	assert.Equal(t, []string{"0.0000", "−0.0400", "+0.0400"}, together(0, -.04, .04))
}

func TestNumberKeepsThreeDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e9, 1e9).Draw(t, "v")
		back, err := strconv.ParseFloat(strings.ReplaceAll(number(v), minus, "-"), 64)
		if err != nil {
			t.Fatal(err)
		}
		if diff := back - v; diff*diff > 2.6e-5*v*v { // half a unit of the third digit
			t.Fatalf("%g was written %s", v, number(v))
		}
	})
}

func TestPointsAlign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := rapid.SliceOfN(rapid.Float64Range(-1e4, 1e4), 1, 9).Draw(t, "vs")
		var texts []string
		for _, v := range vs {
			if s := number(v); !strings.Contains(s, "e") {
				texts = append(texts, s)
			}
		}
		var fromRight []int
		for _, s := range alignPoints(texts) {
			at := strings.IndexByte(s, '.')
			if at < 0 {
				at = len(strings.TrimRight(s, " "))
			}
			fromRight = append(fromRight, runes(s[at:]))
		}
		if len(fromRight) > 0 && slices.Min(fromRight) != slices.Max(fromRight) {
			t.Fatalf("%q", alignPoints(texts))
		}
	})
}

func FuzzWrap(f *testing.F) {
	f.Add("fine-tune-on-the-retained-images of a model", 20)
	f.Add("−0.5 [−0.6, −0.4]", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		width = 1 + max(0, width%200)
		lines := wrap(text, width)
		for _, l := range lines {
			if runes(l) > width {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "�")), "") }
		if want, got := squeeze(text), squeeze(strings.Join(lines, "")); strings.ToValidUTF8(text, "") == text && want != got {
			t.Fatalf("%q became %q", want, got)
		}
	})
}
