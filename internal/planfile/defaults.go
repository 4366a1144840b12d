package planfile

import "github.com/lethe-audit/lethe/attacks"

// attackDefaults are an attack's parameters where the plan does not list it.
func attackDefaults(kind string) (any, error) { return attacks.All.New(kind) }
