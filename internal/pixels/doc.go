// Package pixels reads, resizes, crops and draws 8-bit RGB pictures.
//
// Decoding gives the same bytes as Pillow 9.4 where libjpeg-turbo is installed
// ([Decoder]), and resizing the same as Pillow, clean-fid and TensorFlow 1, or
// within a millionth of torch's ([Resampler]). Where the machine has AVX2, cgo
// code does the work and gives the same bits as the Go code.
package pixels
