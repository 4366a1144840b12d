package pixels

import (
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/internal/golden"
)

// photographs are the first n JPEG files of the training part, as docs/benchmarks/images.py sorts them.
func photographs(b *testing.B, n int) []string {
	b.Helper()
	var files []string
	err := filepath.WalkDir(golden.Beside(b, "data", "imagenette2-224-subset", "train"), func(path string, d fs.DirEntry, err error) error {
		if strings.EqualFold(filepath.Ext(path), ".jpeg") {
			files = append(files, path)
		}
		return err
	})
	require.NoError(b, err)
	require.GreaterOrEqual(b, len(files), n)
	return files[:n]
}

// BenchmarkFolder is JPEG file to float32 planes [3, 299, 299] in [0, 1], one picture an operation, on GOMAXPROCS
// goroutines.
func BenchmarkFolder(b *testing.B) {
	const side = 299
	files := photographs(b, 300)
	for _, name := range []string{"turbo", "go"} {
		d, err := ParseDecoder(name)
		if err != nil {
			b.Logf("left out: %v", err)
			continue
		}
		for _, r := range []Resampler{PillowBicubic, CleanFID, TF1Bilinear} {
			b.Run(name+"/"+r.String(), func(b *testing.B) {
				var next atomic.Int64
				var workers sync.WaitGroup
				for range 2 * runtime.GOMAXPROCS(0) {
					workers.Go(func() {
						x := make([]float32, 3*side*side)
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							m, err := d.DecodeFile(files[int(i)%len(files)], 0)
							if err == nil {
								err = r.Planes(x, m, side, side)
							}
							if err != nil {
								b.Error(err)
								return
							}
							Divide(x, 255)
						}
					})
				}
				workers.Wait()
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/image")
			})
		}
	}
}

// BenchmarkStages times the parts of BenchmarkFolder.
func BenchmarkStages(b *testing.B) {
	files := photographs(b, 1)
	m, err := Decoder{}.DecodeFile(files[0], 0)
	require.NoError(b, err)
	for _, name := range []string{"turbo", "go"} {
		d, err := ParseDecoder(name)
		if err != nil {
			continue
		}
		b.Run("decode/"+name, func(b *testing.B) {
			for b.Loop() {
				_, err := d.DecodeFile(files[0], 0)
				require.NoError(b, err)
			}
		})
	}
	x := make([]float32, 3*299*299)
	for _, r := range Resamplers() {
		b.Run("planes/"+r.String(), func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, r.Planes(x, m, 299, 299))
			}
		})
	}
	b.Run("resize/pillow-bicubic", func(b *testing.B) {
		for b.Loop() {
			_, err := Resize(m, 299, 299, Bicubic)
			require.NoError(b, err)
		}
	})
	b.Run("axis", func(b *testing.B) {
		for b.Loop() {
			_, _, err := fixedAxes(m, 299, 300, Bicubic)
			require.NoError(b, err)
		}
	})
	b.Run("divide", func(b *testing.B) {
		for b.Loop() {
			Divide(x, 255)
		}
	})
}
