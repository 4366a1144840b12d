// Command lethe audits machine unlearning of image-to-image generative models.
package main

import (
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/audit/cli"
)

func main() { cli.Main(catalogue.Default()) }
