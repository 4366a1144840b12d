package pixels_test

import (
	"fmt"
	"os"

	"github.com/lethe-audit/lethe/internal/pixels"
)

// From a file to what an embedding takes, with the two names that belong to its identity.
func ExampleResampler_Planes() {
	file, err := os.Open("testdata/decode/rgb.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	decoder, err := pixels.ParseDecoder("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	resampler, err := pixels.ParseResampler("clean-fid")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := decoder.Decode(file, "rgb.png", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := make([]float32, 3*4*4)
	if err := resampler.Planes(x, m, 4, 4); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decoder, resampler, m.W, m.H)
	fmt.Printf("%.3f\n", x[:4]) // the first row of red
	// Output:
	// go-image/jpeg clean-fid 37 23
	// [121.565 144.013 112.834 129.417]
}
