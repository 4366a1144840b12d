// Package pixels reads, resizes, crops and draws 8-bit RGB pictures.
//
// Resizing gives the same bytes as Pillow 9.4. Decoding follows Pillow's
// convert("RGB"), but a JPEG's pixels come from Go's decoder, which differs
// from libjpeg-turbo by a few grey levels: say which decoder fed a figure.
package pixels
