package datasets

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lethe-audit/lethe/audit"
)

// ForgetOptions says which images an audit uses and which are to be forgotten.
type ForgetOptions struct {
	Kind     string   `json:"kind"`               // random, class or list
	Fraction float64  `json:"fraction,omitempty"` // of the training images, for random
	Classes  []string `json:"classes,omitempty"`  // names or numbers, for class
	File     string   `json:"file,omitempty"`     // for list: see [MakeSplit]
	Poisoned float64  `json:"poisoned,omitempty"` // share of the forget set that carries the trigger
	// Proxy sets images aside that no model is trained on, as stand-ins for the retained ones: those of ProxyClasses, or
	// a share of what is not to be forgotten.
	Proxy        float64  `json:"proxy,omitempty"`
	ProxyClasses []string `json:"proxyClasses,omitempty"`
	// ProxyPerClass is the most images of a proxy class, chosen by the seed; 0 is all.
	ProxyPerClass int `json:"proxyPerClass,omitempty"`

	Train int `json:"train,omitempty"` // training images taken, chosen by the seed; 0 is all
	Test  int `json:"test,omitempty"`  // test images taken; 0 is all
	// Unseen sets a quarter of the test images aside, at most so many, for methods that want images that no model is
	// trained on and none is judged on; 0 sets none aside.
	Unseen int `json:"unseen,omitempty"`
}

func (o ForgetOptions) check() error {
	switch {
	case o.Kind == "random" && !(o.Fraction > 0 && o.Fraction < 1):
		return fmt.Errorf("forget fraction is %v; choose a share between 0 and 1", o.Fraction)
	case o.Kind == "class" && len(o.Classes) == 0:
		return errors.New("forget set by class, but no class is named")
	case o.Kind == "list" && o.File == "":
		return errors.New("forget set by list, but no file is named")
	case !slices.Contains([]string{"random", "class", "list"}, o.Kind):
		return fmt.Errorf("unknown kind of forget set %q: choose random, class or list", o.Kind)
	case !(o.Poisoned >= 0 && o.Poisoned <= 1):
		return fmt.Errorf("poisoned share is %v; choose 0 to 1", o.Poisoned)
	case !(o.Proxy >= 0 && o.Proxy < 1):
		return fmt.Errorf("proxy share is %v; choose 0 to below 1", o.Proxy)
	case o.Proxy > 0 && len(o.ProxyClasses) > 0:
		return errors.New("proxy is given as a share and as classes; choose one")
	case o.ProxyPerClass < 0 || o.ProxyPerClass > 0 && len(o.ProxyClasses) == 0:
		return fmt.Errorf("proxyPerClass is %d; give proxyClasses, and a number of images or 0 for all", o.ProxyPerClass)
	case o.Unseen < 0:
		return fmt.Errorf("%d unseen images asked for; 0 sets none aside", o.Unseen)
	case o.Train < 0 || o.Test < 0:
		return fmt.Errorf("%d training and %d test images asked for; 0 takes all", o.Train, o.Test)
	}
	return nil
}

// generator is a stream of its own for each purpose, so that asking for fewer
// test images does not choose another forget set.
func generator(seed uint64, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(audit.Seed(seed, "split", purpose), 0))
}

// chooseImages takes n of the numbers, by chance, and returns them sorted.
func chooseImages(r *rand.Rand, from []int, n int) []int {
	from = slices.Clone(from)
	r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	from = from[:n]
	slices.Sort(from)
	return from
}

// choose returns the training images used, those of them to be forgotten and those set aside as proxies.
func (o ForgetOptions) choose(train Set, seed uint64) (used, forget, proxy []int, err error) {
	all := make([]int, train.Len())
	for i := range all {
		all[i] = i
	}
	n := o.Train
	if n == 0 {
		n = len(all)
	}
	if n > len(all) {
		return nil, nil, nil, fmt.Errorf("%d training images asked for, %s has %d", n, train.Name(), len(all))
	}
	if o.Kind == "list" {
		if forget, err = o.listed(train); err != nil {
			return nil, nil, nil, err
		}
		if len(forget) > n {
			return nil, nil, nil, fmt.Errorf("%s lists %d images to forget, more than the %d training images asked for", o.File, len(forget), n)
		}
		rest := slices.DeleteFunc(all, func(i int) bool { _, ok := slices.BinarySearch(forget, i); return ok })
		used = slices.Concat(forget, chooseImages(generator(seed, "train"), rest, n-len(forget)))
		slices.Sort(used)
	} else {
		used = chooseImages(generator(seed, "train"), all, n)
	}
	switch o.Kind {
	case "random":
		forget = chooseImages(generator(seed, "forget"), used, int(math.Round(o.Fraction*float64(n))))
	case "class":
		wanted, err := classNumbers(o.Classes, train.Classes())
		if err != nil {
			return nil, nil, nil, err
		}
		forget = slices.DeleteFunc(slices.Clone(used), func(i int) bool { return !wanted[train.Label(i)] })
	}
	if proxy, err = o.proxies(train, used, forget, seed); err != nil {
		return nil, nil, nil, err
	}
	if o.ProxyPerClass > 0 {
		few := perClass(train, proxy, o.ProxyPerClass, generator(seed, "proxy per class"))
		gone := toSet(proxy)
		for _, i := range few {
			delete(gone, i)
		}
		used = slices.DeleteFunc(used, func(i int) bool { return gone[i] })
		proxy, n = few, len(used)
	}
	switch len(forget) {
	case 0:
		return nil, nil, nil, fmt.Errorf("the forget set is empty: no image of the %d training images is in it", n)
	case n:
		return nil, nil, nil, fmt.Errorf("the forget set is everything: none of the %d training images is left to retain", n)
	}
	return used, forget, proxy, nil
}

// perClass draws at most n images of each class, sorted.
func perClass(s Set, from []int, n int, r *rand.Rand) []int {
	from = slices.Clone(from)
	r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	taken := map[int]int{}
	from = slices.DeleteFunc(from, func(i int) bool { taken[s.Label(i)]++; return taken[s.Label(i)] > n })
	slices.Sort(from)
	return from
}

// proxies are the images to set aside.
func (o ForgetOptions) proxies(train Set, used, forget []int, seed uint64) ([]int, error) {
	rest := slices.DeleteFunc(slices.Clone(used), func(i int) bool { _, ok := slices.BinarySearch(forget, i); return ok })
	if len(o.ProxyClasses) > 0 {
		wanted, err := classNumbers(o.ProxyClasses, train.Classes())
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
		rest = slices.DeleteFunc(rest, func(i int) bool { return !wanted[train.Label(i)] })
		if len(rest) == 0 {
			return nil, errors.New("no training image that is not to be forgotten is of the proxy classes")
		}
		return rest, nil
	}
	n := int(math.Round(o.Proxy * float64(len(rest))))
	if o.Proxy > 0 && n == 0 {
		return nil, fmt.Errorf("a share of %v of %d images leaves no proxy", o.Proxy, len(rest))
	}
	return chooseImages(generator(seed, "proxy"), rest, n), nil
}

func (o ForgetOptions) listed(train Set) (forget []int, err error) {
	f, err := os.Open(o.File)
	if err != nil {
		return nil, fmt.Errorf("forget list: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return readList(f, o.File, train)
}

// classNumbers finds classes by name, else by number or as a range of numbers, 0-99.
func classNumbers(asked, classes []string) (map[int]bool, error) {
	wanted := map[int]bool{}
	for _, a := range asked {
		k := slices.Index(classes, a)
		if k < 0 {
			low, high, isRange := strings.Cut(a, "-")
			if !isRange {
				high = low
			}
			v, err := strconv.Atoi(low)
			last, err2 := strconv.Atoi(high)
			if err != nil || err2 != nil || v < 0 || last >= len(classes) || v > last {
				return nil, fmt.Errorf("unknown class %q: choose a number from 0 to %d, a range as 0-%d, or one of %s", a,
					len(classes)-1, len(classes)-1, some(classes))
			}
			for ; v <= last; v++ {
				wanted[v] = true
			}
			continue
		}
		wanted[k] = true
	}
	return wanted, nil
}

func some(names []string) string {
	const most = 20
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
