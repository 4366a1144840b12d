package datasets

import (
	"fmt"
	"slices"
)

// Pictures is a set of square pictures of three channels that is held in memory. grey holds them one after the other,
// [N, 3, size, size], in grey levels from 0 to 255; labels are their classes, indices of classes. Both are copied.
func Pictures(name string, size int, classes []string, labels []int, grey []uint8) (Set, error) {
	switch {
	case size < 1 || len(grey) != 3*size*size*len(labels):
		return nil, fmt.Errorf("%s: %d values for %d pictures: want 3·%d·%d of each", name, len(grey), len(labels), size, size)
	case len(labels) == 0:
		return nil, fmt.Errorf("%s: there is no picture: want at least one", name)
	case len(classes) > 256:
		return nil, fmt.Errorf("%s: %d classes: want at most 256", name, len(classes))
	}
	m := &memory{name: name, c: 3, h: size, w: size, classes: slices.Clone(classes), pix: slices.Clone(grey),
		labels: make([]uint8, len(labels))}
	for i, l := range labels {
		if l < 0 || l >= len(classes) {
			return nil, fmt.Errorf("%s: picture %d is of class %d: want 0 to %d", name, i, l, len(classes)-1)
		}
		m.labels[i] = uint8(l)
	}
	return m, nil
}
