package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/lethe-audit/lethe/audit"
)

// tamper DIR WHAT changes one thing in a finished run's report.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tamper DIR WHAT")
	}
	dir := ts.MkAbs(args[0])
	rep, err := audit.Load(dir)
	ts.Check(err)
	switch args[1] {
	case "verdict":
		for i := range rep.Verdicts {
			if v := &rep.Verdicts[i]; v.Outcome == audit.Fail {
				v.Outcome = audit.Pass
				break
			}
		}
	case "reason":
		rep.Verdicts[0].Reason += " (or so)"
	case "missing":
		rep.Verdicts = rep.Verdicts[1:]
	case "sample":
		s, ok := rep.Subject("random-weights")
		if !ok {
			ts.Fatalf("no random-weights in %s", dir)
		}
		for i := range s.Samples {
			for k := range s.Samples[i].Values {
				s.Samples[i].Values[k] *= 0.5
			}
		}
	case "claim":
		rep.Claims[0].Holds = !rep.Claims[0].Holds
	case "margin":
		rep.Plan.Criteria[0].Params = json.RawMessage(`{"retain": 9, "test": 9}`)
	default:
		ts.Fatalf("tamper with what? %q", args[1])
	}
	b, err := json.Marshal(rep)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(dir, audit.ReportFile), b, 0o600))
}

// picture FILE WHAT writes a PNG of the side WHAT, or one that is none: empty,
// cut, or huge, whose header claims 100000×100000 pixels.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: picture FILE SIDE|empty|cut|huge")
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	b := square(ts, 16, 1)
	switch args[1] {
	case "empty":
		b = nil
	case "cut":
		b = b[:len(b)/2]
	case "huge": // width and height stand in the first chunk, at 16 and 20
		binary.BigEndian.PutUint32(b[16:], 100_000)
		binary.BigEndian.PutUint32(b[20:], 100_000)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	default:
		side, err := strconv.Atoi(args[1])
		ts.Check(err)
		var salt int
		for _, c := range args[0] {
			salt = salt*31 + int(c)
		}
		b = square(ts, side, salt)
	}
	ts.Check(os.WriteFile(file, b, 0o600))
}

func square(ts *testscript.TestScript, side, salt int) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.Set(x, y, color.NRGBA{uint8(x * salt), uint8(y * 7), uint8(salt), 255})
		}
	}
	var b bytes.Buffer
	ts.Check(png.Encode(&b, m))
	return b.Bytes()
}

// cifar DIR TRAIN TEST CUT writes CIFAR-10's binary files, the first of them
// shortened by a number of bytes.
func cifar(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: cifar DIR TRAIN TEST CUT")
	}
	var n [3]int
	for i := range n {
		v, err := strconv.Atoi(args[1+i])
		ts.Check(err)
		n[i] = v
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	records := func(count, salt int) []byte {
		b := make([]byte, 3073*count)
		for i := range b {
			b[i] = byte((i*i + salt*i) >> 3)
			if i%3073 == 0 {
				b[i] = byte(i / 3073 % 10)
			}
		}
		return b
	}
	for i := 1; i <= 5; i++ {
		b := records(n[0]/5, i)
		if i == 1 {
			b = b[:len(b)-n[2]]
		}
		ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("data_batch_%d.bin", i)), b, 0o600))
	}
	ts.Check(os.WriteFile(filepath.Join(dir, "test_batch.bin"), records(n[1], 9), 0o600))
}
