package compare

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/features"
	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
	"github.com/lethe-audit/lethe/metrics"
	"github.com/lethe-audit/lethe/metrics/sets"
)

// batch is how many pictures are read and embedded at a time.
const batch = 8

// read is one batch of pictures after its work.
type read struct {
	at      int // its first picture
	vectors features.Vectors
	digests []string
	formats []string
	sizes   []string
	err     error
}

// embed reads, decodes, prepares and embeds a folder's pictures, and folds them into the side's moments in order.
// Embeddings are kept where keep says so, or where there are no more of them than coordinates: then the Fréchet
// distance is more exact from the embeddings, and they are no larger than the covariance.
func (in *input) embed(ctx context.Context, s *side, keep bool) error {
	edge, err := in.edge(s)
	if err != nil {
		return err
	}
	s.moments = &sets.Moments{}
	sizes := map[string]int{}
	return in.inOrder(ctx, s, edge, func(b read) error {
		v := b.vectors
		if b.at == 0 {
			if keep || len(s.files) <= v.Dim {
				s.features = mat.NewDense(len(s.files), v.Dim, nil)
			}
			if keep && v.Classes > 0 {
				s.logits = mat.NewDense(len(s.files), v.Classes, nil)
			}
		}
		x, err := metrics.Embeddings(v.Features, v.N, v.Dim)
		if err != nil {
			return fmt.Errorf("%s side: features of the pictures from %s on: %w", s.name, s.files[b.at], err)
		}
		if err := s.moments.Update(x); err != nil {
			return err
		}
		if s.features != nil {
			s.features.Slice(b.at, b.at+v.N, 0, v.Dim).(*mat.Dense).Copy(x) //nolint:errcheck // a slice of a Dense is one
		}
		if s.logits != nil {
			for i, l := range v.Logits {
				s.logits.Set(b.at+i/v.Classes, i%v.Classes, float64(l))
			}
		}
		s.digests = append(s.digests, b.digests...)
		for i, f := range b.formats {
			s.formats = append(s.formats, f)
			sizes[b.sizes[i]]++
		}
		if b.at+v.N == len(s.files) {
			s.settle(sizes)
		}
		in.report(s.name, b.at+v.N, len(s.files))
		return nil
	})
}

// edge is the side of the prepared pictures: the extractor's, or the first picture's.
func (in *input) edge(s *side) (int, error) {
	if n := in.Extractor.Size(); n > 0 {
		return n, nil
	}
	p, err := in.decode(s.full(s.files[0]))
	if err != nil {
		return 0, err
	}
	if p.image.W != p.image.H {
		return 0, fmt.Errorf("%s is %s pixels: these features take square pictures and resize none", s.files[0], p.size)
	}
	return p.image.W, nil
}

// inOrder lets workers embed batches and hands them to take in the order of the files.
func (in *input) inOrder(ctx context.Context, s *side, edge int, take func(read) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	n := (len(s.files) + batch - 1) / batch
	todo, done := make(chan int), make(chan read)
	window := make(chan struct{}, 2*in.Jobs) // batches that may wait for an earlier one
	for range in.Jobs {
		go func() {
			runtime.LockOSThread() // libtorch keeps its number of threads for each
			defer runtime.UnlockOSThread()
			torch.SetThreads(1)
			for b := range todo {
				done <- in.work(ctx, s, b*batch, edge)
			}
		}()
	}
	go func() {
		defer close(todo)
		for b := range n {
			window <- struct{}{}
			todo <- b
		}
	}()
	waiting := map[int]read{}
	var first error
	for next := 0; next < n; {
		b, ok := waiting[next]
		if !ok {
			b = <-done
			waiting[b.at/batch] = b
			continue
		}
		delete(waiting, next)
		next++
		<-window
		if first != nil {
			continue // the others end soon: their context is over
		}
		if first = b.err; first == nil {
			first = take(b)
		}
		if first != nil {
			cancel(first)
		}
	}
	return first
}

// work reads and embeds one batch.
func (in *input) work(ctx context.Context, s *side, from, edge int) read {
	out := read{at: from}
	files := s.files[from:min(from+batch, len(s.files))]
	px := 3 * edge * edge
	planes := make([]float32, len(files)*px)
	for i, f := range files {
		if ctx.Err() != nil {
			out.err = context.Cause(ctx)
			return out
		}
		p, err := in.decode(s.full(f))
		if err != nil {
			out.err = err
			return out
		}
		if in.Extractor.Size() == 0 && (p.image.W != edge || p.image.H != edge) {
			out.err = fmt.Errorf("%s is %s pixels and %s is %dx%d: these features resize none; give pictures of one size or features that resize",
				f, p.size, s.files[0], edge, edge)
			return out
		}
		if err := in.Extractor.Prepare(planes[i*px:(i+1)*px], p.image); err != nil {
			out.err = fmt.Errorf("%s: %w", f, err)
			return out
		}
		out.digests = append(out.digests, p.digest)
		out.formats = append(out.formats, p.format)
		out.sizes = append(out.sizes, p.size)
	}
	out.vectors, out.err = in.Extractor.Embed(ctx, planes, len(files), edge)
	return out
}

// picture is a decoded file.
type picture struct {
	image                pixels.Image
	digest, format, size string
}

func (in *input) decode(path string) (picture, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return picture{}, err
	}
	m, err := in.Decoder.Decode(bytes.NewReader(b), path, 0)
	if err != nil {
		return picture{}, err
	}
	format := "PNG"
	if bytes.HasPrefix(b, []byte{0xff, 0xd8}) {
		format = "JPEG"
	}
	return picture{image: m, digest: string(audit.DigestBytes(b)), format: format, size: fmt.Sprintf("%dx%d", m.W, m.H)}, nil
}
