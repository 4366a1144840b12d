package pixels

import "embed"

// Code is this package's code: part of the key of every result that depends on it.
//
//go:embed *.go *.h
var Code embed.FS
