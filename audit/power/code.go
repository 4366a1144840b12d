package power

import "embed"

// Code is this package's code: part of the key of every result that depends on it.
//
//go:embed *.go
var Code embed.FS
