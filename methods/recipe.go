package methods

import (
	"fmt"
	"math"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// schedules are the shares of the learning rate by the share of the steps that are done; nil is the phase's own half
// cosine to zero. Warm-up rises along a straight line through the first tenth of the steps, and falls along a half cosine
// through the others.
var schedules = map[string]func(done float64) float64{
	"":         nil,
	"cosine":   nil,
	"constant": func(float64) float64 { return 1 },
	"linear":   func(done float64) float64 { return 1 - done },
	"warm-up": func(done float64) float64 {
		const rise = 0.1
		if done < rise {
			return done / rise
		}
		return (1 + math.Cos(math.Pi*(done-rise)/(1-rise))) / 2
	},
}

// Trains is the precision that the recipe names; own is false where it is the plan's.
func (r *Retrain) Trains() (p audit.Precision, own bool) {
	p, err := audit.ParsePrecision(r.Precision)
	return p, err == nil && r.Precision != ""
}

// Validate checks the recipe.
func (r *Retrain) Validate() error {
	_, schedule := schedules[r.Schedule]
	_, precision := audit.ParsePrecision(r.Precision)
	switch {
	case !(r.Epochs > 0 && r.Epochs <= 10):
		return fmt.Errorf("epochs is %v: want a share of the plan's epochs above 0 and at most 10", r.Epochs)
	case !(r.Stop >= 0 && r.Stop <= 1):
		return fmt.Errorf("stop is %v: want the share of the epochs after which training ends, or 0 for all of them", r.Stop)
	case r.Batch < 0:
		return fmt.Errorf("batch is %d: want a number of images, or 0 for the plan's", r.Batch)
	case !(r.LR >= 0 && r.LR < 100):
		return fmt.Errorf("lr is %v: want a positive learning rate, or 0 for the plan's", r.LR)
	case !schedule:
		return fmt.Errorf("schedule is %q: want cosine, constant, linear or warm-up", r.Schedule)
	case !(r.Decay >= 0 && r.Decay <= 1):
		return fmt.Errorf("decay is %v: want AdamW's weight decay, from 0 (none) to 1", r.Decay)
	case !(r.Drop >= 0 && r.Drop <= 0.5):
		return fmt.Errorf("drop is %v: want the share of the retained images to leave out, at most 0.5", r.Drop)
	case precision != nil:
		return precision
	}
	return nil
}

// notes name what is not as the plan's train says.
func (r *Retrain) notes() []string {
	var out []string
	add := func(differs bool, format string, args ...any) {
		if differs {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(r.Epochs > 0 && r.Epochs != 1, "%.4g × the epochs", r.Epochs)
	add(r.Stop > 0 && r.Stop < 1, "ended after %.4g of them", r.Stop)
	add(r.Batch > 0, "batch %d", r.Batch)
	add(r.LR > 0, "lr %g", r.LR)
	add(schedules[r.Schedule] != nil, "schedule %s", r.Schedule)
	add(r.Decay > 0, "weight decay %g", r.Decay)
	add(r.Drop > 0, "%.4g of the retained images left out", r.Drop)
	add(r.Precision != "", "precision %s", r.Precision)
	if out == nil {
		return nil
	}
	return []string{RecipeNote + strings.Join(out, ", ")}
}

// RecipeNote is what the note of a model begins with that was retrained by a recipe of its own.
const RecipeNote = "trained as the plan says but for: "
