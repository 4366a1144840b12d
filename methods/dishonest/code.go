package dishonest

import "embed"

// Code is this package's code: part of the key of every cached model of the gallery.
//
//go:embed *.go
var Code embed.FS
