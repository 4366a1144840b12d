package reports

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
)

var figures = flag.String("figures", "", "folder to write the figures into, to look at them")

func TestFigures(t *testing.T) {
	for _, f := range Figures {
		t.Run(f.Name, func(t *testing.T) {
			var svg, again, png bytes.Buffer
			d, err := f.Draw(synthetic(24))
			require.NoError(t, err)
			require.NoError(t, d.WriteSVG(&svg))
			e, err := f.Draw(synthetic(24))
			require.NoError(t, err)
			require.NoError(t, e.WriteSVG(&again))
			require.True(t, bytes.Equal(svg.Bytes(), again.Bytes()), "two drawings must agree to the byte")
			require.NoError(t, d.WritePNG(&png))
			if dir := *figures; dir != "" {
				require.NoError(t, os.WriteFile(dir+"/"+f.Name+".png", png.Bytes(), 0o644))
			}
		})
	}
}

func TestSaveFigures(t *testing.T) {
	dir := t.TempDir()
	files, err := SaveFigures(dir, synthetic(8))
	require.NoError(t, err)
	assert.Len(t, files, 2*len(Figures))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, len(files), "no temporary file is left")
	_, err = SaveFigures(dir+"/missing", synthetic(8))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestCurveOfUnequalLengths(t *testing.T) {
	r := synthetic(4)
	r.Subjects[0].Curves[0].Y = r.Subjects[0].Curves[0].Y[1:]
	_, err := SaveFigures(t.TempDir(), r)
	assert.ErrorContains(t, err, `curve "loss" of original has 41 abscissas and 40 ordinates`)
}

func TestFiguresOfAnEmptyReport(t *testing.T) {
	files, err := SaveFigures(t.TempDir(), &audit.Report{})
	require.NoError(t, err)
	assert.Empty(t, files)
}

// A rate of zero has no logarithm: a report that holds one was made up.
func TestRateOfZero(t *testing.T) {
	r := synthetic(4)
	r.Subjects[0].Curves = []audit.Curve{{Name: "LiRA", Kind: audit.ROC, X: []float64{0}, Y: []float64{1}}}
	_, err := SaveFigures(t.TempDir(), r)
	assert.ErrorContains(t, err, `curve "LiRA" of original has the rates 0 and 1`)
}
