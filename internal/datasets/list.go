package datasets

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// readList reads a forget list: one image a line, by its number in the training
// set or its file name (the whole path below the data folder, or as much of its
// end as no other image shares). A line that starts with # is a comment; an image
// named twice counts once. The result is sorted. file appears in errors.
func readList(r io.Reader, file string, train Set) ([]int, error) {
	var names map[string]int
	seen := map[int]bool{}
	lines := bufio.NewScanner(r)
	n := 0
	for lines.Scan() {
		n++
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		i, err := strconv.Atoi(line)
		if err == nil {
			if i < 0 || i >= train.Len() {
				return nil, fmt.Errorf("%s:%d: there is no training image %d; %s has 0 to %d", file, n, i, train.Name(), train.Len()-1)
			}
			seen[i] = true
			continue
		}
		if names == nil {
			names = namesOf(train)
		}
		i, ok := names[strings.TrimPrefix(line, "./")]
		switch {
		case !ok:
			return nil, fmt.Errorf("%s:%d: no training image of %s is called %q", file, n, train.Name(), line)
		case i < 0:
			return nil, fmt.Errorf("%s:%d: several training images are called %q; write more of the path", file, n, line)
		}
		seen[i] = true
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file, n+1, err)
	}
	out := make([]int, 0, len(seen))
	for i := range seen {
		out = append(out, i)
	}
	slices.Sort(out)
	return out, nil
}

// namesOf maps every name an image can be called by to its number, or to −1
// where several images share it.
func namesOf(s Set) map[string]int {
	names := map[string]int{}
	named, ok := s.(Named)
	if !ok {
		return names
	}
	for i := range s.Len() {
		full := named.ItemName(i)
		for at := len(full); at > 0; {
			at = strings.LastIndexByte(full[:at], '/')
			tail := full[at+1:]
			if _, taken := names[tail]; taken {
				names[tail] = -1
			} else {
				names[tail] = i
			}
		}
	}
	return names
}
