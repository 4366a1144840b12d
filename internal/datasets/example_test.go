package datasets_test

import (
	"context"
	"fmt"

	"github.com/lethe-audit/lethe/internal/datasets"
)

func ExampleMakeSplit() {
	train, err := datasets.Shapes(512, 32, 1, datasets.TrainStream)
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := datasets.Shapes(128, 32, 1, datasets.TestStream)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := datasets.ForgetOptions{Kind: "random", Fraction: 0.25, Poisoned: 0.5}
	split, manifest, err := datasets.MakeSplit(context.Background(), train, test, o, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(split.Retain), len(split.Forget), len(split.Poisoned), len(split.Test), manifest.Counts.Dropped)
	// Output: 384 128 64 128 {0 0 0 0}
}
