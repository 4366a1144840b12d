package planfile_test

import (
	"fmt"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/planfile"
)

// A plan is read with every default filled in; what is wrong with it is one error that lists all of it.
func ExampleRead() {
	plan, err := planfile.Read(catalogue.Default(), "shapes", "oracles=4", "name=mine")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Name, plan.Oracles, plan.Data.Kind, string(plan.Task.Params))
	// Output: mine 4 shapes {"hole":0.5}
}
