package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lethe-audit/lethe/internal/pixels"
	"github.com/lethe-audit/lethe/internal/torch"
)

type doctorCmd struct{}

// Run prints what computes here, and advice.
func (doctorCmd) Run(s streams) error {
	torch.SetThreads(1)
	i := torch.Describe()
	var advice []string
	row := func(name, format string, args ...any) {
		fmt.Fprintf(s.out, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("lethe", "%s", version())
	row("libtorch", "%s (%s)", i.Libtorch, i.Library)
	row("BLAS", "%s", i.BLAS)
	if n, ok := torch.BLASThreads(); ok {
		row("BLAS threads", "%d (set from inside the process)", n)
	} else if strings.Contains(i.BLAS, "reference") {
		advice = append(advice, "the reference BLAS is about 18 times slower than OpenBLAS: install libopenblas0-pthread (task setup does)")
	}
	row("kernels", "%s", i.Kernels)
	row("JPEG", "%s", pixels.DefaultDecoder())
	if _, err := pixels.ParseDecoder("turbo"); err != nil {
		advice = append(advice, fmt.Sprintf("pictures are decoded otherwise than by Pillow, and slower: %v; "+
			"install libturbojpeg0 (task setup does)", err))
	}
	row("CPU", "%s, %d cores", i.CPU, i.Cores)
	row("threads", "%d per model; two models at a time where there are two cores", torch.Threads())
	if i.CUDA > 0 {
		row("device", "cpu; %d CUDA devices with --device cuda", i.CUDA)
	} else {
		row("device", "cpu (this libtorch sees no CUDA device)")
	}
	free, total := memory()
	row("memory", "%.1f GiB available of %.1f GiB", free, total)
	if free > 0 && free < 2 {
		advice = append(advice, "less than 2 GiB of memory are available: run one model at a time with --jobs 1")
	}
	same, err := torch.Deterministic()
	if err != nil {
		return err
	}
	if same {
		row("deterministic", "yes: the same training steps gave the same bits three times")
	} else {
		row("deterministic", "NO: the same training steps gave different bits")
		advice = append(advice, "results will differ from run to run: unset OMP_NUM_THREADS and MKL_NUM_THREADS, and use --jobs 2")
	}
	for _, k := range []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} {
		if v, ok := os.LookupEnv(k); ok {
			row(k, "%s", v)
		}
	}
	if len(advice) == 0 {
		_, err := fmt.Fprintln(s.out, "nothing to mend")
		return err
	}
	for _, a := range advice {
		fmt.Fprintln(s.out, "mend:", a)
	}
	return nil
}

// memory reads MemAvailable and MemTotal, in GiB.
func memory() (free, total float64) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	free, total = scanMemory(f)
	if err := f.Close(); err != nil {
		return 0, 0
	}
	return free, total
}

func scanMemory(r io.Reader) (free, total float64) {
	for sc := bufio.NewScanner(r); sc.Scan(); {
		var name string
		var kb float64
		if n, err := fmt.Sscanf(sc.Text(), "%s %f kB", &name, &kb); err != nil || n != 2 {
			continue
		}
		switch name {
		case "MemAvailable:":
			free = kb / (1 << 20)
		case "MemTotal:":
			total = kb / (1 << 20)
		}
	}
	return free, total
}
