package datasets

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Split holds the numbers of the images an audit uses, each list sorted. Retain
// and Forget are disjoint, Poisoned is part of Forget, all three count in the
// training set, as do Proxy's images, which no model is trained on; Test and
// Unseen, which are disjoint, count in the test set.
type Split struct {
	Retain, Forget, Poisoned, Test, Proxy, Unseen []int

	Trigger string // kind of the poisoned images' trigger; "" for a patch
}

// MakeSplit chooses the images of an audit by the seed: the training and test
// images that are used, those to forget, and the poisoned ones among these. A
// forget list names one image a line, by number or file name, with # comments.
//
// Images are compared by content. What is to be forgotten must not live on in a
// copy: an image to retain that equals one to forget is dropped, and so is a test
// image that equals a training image. The manifest counts and tells both. Copies
// within a part are kept. Unseen images are set aside of what is left of the test
// images, and those that equal one of the rest are dropped.
//
// An empty forget set, one that holds everything, an unknown class, a list with
// an unknown image and more images than there are, are errors.
func MakeSplit(ctx context.Context, train, test Set, o ForgetOptions, seed uint64) (Split, Manifest, error) {
	s, m, err := makeSplit(ctx, train, test, o, seed)
	if err != nil {
		return Split{}, Manifest{}, fmt.Errorf("split %s: %w", train.Name(), err)
	}
	return s, m, nil
}

func makeSplit(ctx context.Context, train, test Set, o ForgetOptions, seed uint64) (Split, Manifest, error) {
	fail := func(err error) (Split, Manifest, error) { return Split{}, Manifest{}, err }
	if err := o.check(); err != nil {
		return fail(err)
	}
	used, forget, proxy, err := o.choose(train, seed)
	if err != nil {
		return fail(err)
	}
	tested, err := o.chooseTest(train, test, seed)
	if err != nil {
		return fail(err)
	}
	trainHash, err := hashes(ctx, train, used)
	if err != nil {
		return fail(err)
	}
	testHash, err := hashes(ctx, test, tested)
	if err != nil {
		return fail(err)
	}
	s := Split{Forget: forget}
	forgotten, trained := map[content]bool{}, map[content]bool{}
	for _, i := range forget {
		forgotten[trainHash[i]] = true
	}
	inForget, inProxy := toSet(forget), toSet(proxy)
	var d Dropped
	for _, i := range used {
		if inProxy[i] {
			continue
		}
		trained[trainHash[i]] = true
		switch {
		case inForget[i]:
		case forgotten[trainHash[i]]:
			d.Retain++
		default:
			s.Retain = append(s.Retain, i)
		}
	}
	for _, i := range proxy {
		if trained[trainHash[i]] {
			d.Proxy++
		} else {
			s.Proxy = append(s.Proxy, i)
		}
	}
	if len(proxy) > 0 && len(s.Proxy) == 0 {
		return fail(errors.New("every proxy is a copy of a training image"))
	}
	for _, i := range s.Proxy {
		trained[trainHash[i]] = true
	}
	for _, i := range tested {
		if trained[testHash[i]] {
			d.Test++
		} else {
			s.Test = append(s.Test, i)
		}
	}
	if err := o.setAside(&s, &d, testHash, seed); err != nil {
		return fail(err)
	}
	if len(s.Retain) == 0 || len(s.Test) == 0 {
		return fail(fmt.Errorf("%d images to retain and %d test images are left after dropping %d and %d copies; both are needed",
			len(s.Retain), len(s.Test), d.Retain, d.Test))
	}
	if o.Poisoned > 0 {
		n := max(1, int(math.Round(o.Poisoned*float64(len(forget)))))
		s.Poisoned = chooseImages(generator(seed, "poisoned"), forget, n)
	}
	return s, newManifest(train, test, o, seed, s, d, trainHash, testHash), nil
}

// chooseTest leaves the proxies' classes out: the models are not made for them.
func (o ForgetOptions) chooseTest(train, test Set, seed uint64) ([]int, error) {
	aside, err := classNumbers(o.ProxyClasses, train.Classes())
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	var all []int
	for i := range test.Len() {
		if !aside[test.Label(i)] {
			all = append(all, i)
		}
	}
	n := o.Test
	if n == 0 {
		n = len(all)
	}
	if n == 0 || n > len(all) {
		return nil, fmt.Errorf("%d test images asked for, %s has %d", n, test.Name(), len(all))
	}
	return chooseImages(generator(seed, "test"), all, n), nil
}

type content = [sha256.Size]byte

// hashes reads the images idx, on all processors, for their content hashes.
func hashes(ctx context.Context, s Set, idx []int) (map[int]content, error) {
	found := make([]content, len(idx))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for k, i := range idx {
		g.Go(func() (err error) {
			if err := ctx.Err(); err != nil {
				return err
			}
			found[k], err = s.Hash(i)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := make(map[int]content, len(idx))
	for k, i := range idx {
		out[i] = found[k]
	}
	return out, nil
}

func toSet(idx []int) map[int]bool {
	m := make(map[int]bool, len(idx))
	for _, i := range idx {
		m[i] = true
	}
	return m
}
