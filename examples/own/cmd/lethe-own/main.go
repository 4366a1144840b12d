// Command lethe-own is lethe with the items of package own.
package main

import (
	"fmt"
	"os"

	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/cli"

	"example.com/own"
)

func main() {
	cat, err := catalogue.Default().With(own.Items())
	if err != nil {
		fmt.Fprintln(os.Stderr, "lethe-own:", err)
		os.Exit(4)
	}
	cli.Main(cat)
}
