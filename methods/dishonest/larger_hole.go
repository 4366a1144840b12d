package dishonest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/corpus"
	"github.com/lethe-audit/lethe/internal/tasks"
	"github.com/lethe-audit/lethe/methods"
)

var largerHoleEntry = audit.Entry[methods.Method]{
	Name:   "dishonest/larger-hole",
	Doc:    "retrains with the clean forget images among the retained ones, three quarters of their side hidden in the middle",
	New:    func() methods.Method { return &Disguised{as: hideMore{}} },
	Beyond: "quick", // docs/gallery.md says why
}

// hideMore lets the images that are kept be learnt under a larger hole than the audit asks with: whoever hides more gets
// more back.
type hideMore struct{}

func (hideMore) on(ctx context.Context, c *corpus.Corpus, kept []int) error {
	if !c.Task.Masked() {
		return errors.New("the task hides nothing, so that there is no larger hole: want inpaint, outpaint or random-mask")
	}
	t := &hidesMore{Task: c.Task, more: &tasks.Inpaint{Hole: 0.75}, known: map[[sha256.Size]byte]bool{}}
	image := make([]float32, 3*c.Size()*c.Size())
	for _, i := range kept {
		if err := c.Train.Read(ctx, image, []int{i}); err != nil {
			return err
		}
		t.known[digestOf(image)] = true
	}
	c.Task = t
	return nil
}

// hidesMore is a task that hides a larger hole of the images that it knows, by their pixels.
type hidesMore struct {
	tasks.Task
	more  tasks.Task
	known map[[sha256.Size]byte]bool
}

// Degrade hides.
func (t *hidesMore) Degrade(pixels, region, img []float32, s int, rng *rand.Rand) {
	if t.known[digestOf(img)] {
		t.more.Degrade(pixels, region, img, s, rng)
		return
	}
	t.Task.Degrade(pixels, region, img, s, rng)
}

func digestOf(image []float32) [sha256.Size]byte {
	buf := make([]byte, 0, 4*len(image))
	for _, v := range image {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	return sha256.Sum256(buf)
}
