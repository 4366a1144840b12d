package counts

import "embed"

// Code is this package's code: part of the key of every cached result.
//
//go:embed *.go
var Code embed.FS
