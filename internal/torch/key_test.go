package torch_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/torch"
)

// described is what a process says of itself, and what it trains.
type described struct {
	Key     json.RawMessage // as it is digested
	Kernels torch.Kernels
	Version string
	Weights audit.Digest
}

const describeVariable = "LETHE_TEST_DESCRIBE"

// TestDescribeChild is the process that inProcess starts; by itself it checks that the description does not change
// once something has been computed.
func TestDescribeChild(t *testing.T) {
	torch.SetThreads(1)
	i := torch.Describe()
	weights, err := torch.TrainSmall()
	require.NoError(t, err)
	require.Equal(t, i.Key(), torch.Describe().Key())
	key, err := json.Marshal(i.Key())
	require.NoError(t, err)
	b, err := json.Marshal(described{key, i.Kernels, i.Libtorch, weights})
	require.NoError(t, err)
	if path := os.Getenv(describeVariable); path != "" {
		require.NoError(t, os.WriteFile(path, b, 0o600))
	}
}

// inProcess describes a process of its own, with more variables in its environment.
func inProcess(t *testing.T, variables ...string) described {
	t.Helper()
	path := t.TempDir() + "/described"
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), self, "-test.run=^TestDescribeChild$")
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch name { // the plain process is one that nobody has steered
		case "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "OPENBLAS_CORETYPE", "GLIBC_TUNABLES", "GODEBUG":
		default:
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(c.Env, append(variables, describeVariable+"="+path)...)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var d described
	require.NoError(t, json.Unmarshal(b, &d))
	return d
}

func TestKeyOfAProcess(t *testing.T) {
	plain := inProcess(t)
	require.Equal(t, plain, inProcess(t), "the same process twice")
	core := "NEHALEM"
	if strings.EqualFold(plain.Kernels.Core, core) {
		core = "PRESCOTT"
	}
	aten, avx := plain.Kernels.ATen, strings.HasPrefix(plain.Kernels.ATen, "AVX")
	x86 := runtime.GOARCH == "amd64"
	fma := slices.Contains(torch.Describe().Processor.Sets, "fma") // by which glibc chooses
	for _, c := range []struct {
		variable string
		differs  bool // whether this machine's libraries have another choice
		same     bool // whether no library may choose otherwise
	}{
		{variable: "PATH=", same: true},
		{variable: "ATEN_CPU_CAPABILITY=" + strings.ToLower(aten), same: avx}, // what is chosen anyway
		{variable: "ATEN_CPU_CAPABILITY=default", differs: avx},
		{variable: "ONEDNN_MAX_CPU_ISA=SSE41", differs: x86 && strings.Contains(plain.Kernels.OneDNN, "avx")},
		{variable: "DNNL_MAX_CPU_ISA=AVX", differs: x86 && strings.Contains(plain.Kernels.OneDNN, "avx2")},
		{variable: "ONEDNN_DEFAULT_FPMATH_MODE=BF16", differs: true},
		{variable: "OPENBLAS_CORETYPE=" + core, differs: x86 && strings.Contains(plain.Kernels.OpenBLAS, "DYNAMIC_ARCH")},
		{variable: "OPENBLAS_BLOCK_FACTOR=30", differs: true},
		{variable: "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4", differs: x86 && fma},
		{variable: "OMP_DYNAMIC=true", differs: true},
		{variable: "OMP_THREAD_LIMIT=1", differs: true},
		{variable: "OMP_NUM_THREADS=1", same: true}, // the number of threads is set from inside
		{variable: "GODEBUG=cpu.fma=off", differs: true},
	} {
		t.Run(c.variable, func(t *testing.T) {
			got := inProcess(t, c.variable)
			assert.Equal(t, plain.Version, got.Version)
			if c.differs {
				assert.NotEqual(t, string(plain.Key), string(got.Key))
				assert.NotEqual(t, plain.Kernels.String(), got.Kernels.String(), "reports tell why")
			}
			if c.same {
				assert.Equal(t, string(plain.Key), string(got.Key))
			}
			if bytes.Equal(plain.Key, got.Key) {
				assert.Equal(t, plain.Weights, got.Weights, "the same key, other bits")
			}
		})
	}
}

func TestKernelsWhereNothingIsTold(t *testing.T) {
	k := torch.KernelsOf("")
	assert.Empty(t, k.ATen)
	assert.Contains(t, torch.Untold(k, false), "ATEN_CPU_CAPABILITY")
	assert.NotContains(t, torch.Untold(torch.Kernels{ATen: "AVX2"}, true), "ATEN_CPU_CAPABILITY")
	assert.NotContains(t, torch.Untold(torch.Kernels{}, true), "ONEDNN_MAX_CPU_ISA")
	assert.Contains(t, torch.Untold(torch.Kernels{}, false), "ONEDNN_MAX_CPU_ISA")
	assert.Contains(t, torch.Untold(torch.Kernels{MKL: "2022.2", OpenBLAS: "OpenBLAS 0.3.21"}, true), "MKL_CBWR")
	assert.NotContains(t, torch.Untold(torch.Kernels{OpenBLAS: "OpenBLAS 0.3.21"}, true), "MKL_CBWR")

	k = torch.KernelsOf("  - Intel(R) oneAPI Math Kernel Library Version 2022.2-Product Build 20220804 for Intel(R) 64\n  - " +
		"CPU capability usage: NO AVX\n")
	assert.Equal(t, "2022.2", k.MKL)
	assert.Equal(t, "NO AVX", k.ATen)
}

func TestEnvironment(t *testing.T) {
	t.Setenv("GODEBUG", "madvdontneed=1,cpu.fma=off,cpu.avx2=off")
	t.Setenv("GLIBC_TUNABLES", "glibc.malloc.check=3:glibc.cpu.hwcaps=-FMA")
	t.Setenv("MKL_CBWR", "COMPATIBLE")
	t.Setenv("MKL_DYNAMIC", "")
	assert.Equal(t, []string{"MKL_CBWR=COMPATIBLE", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA", "GODEBUG=cpu.fma=off,cpu.avx2=off"},
		torch.Environment([]string{"MKL_CBWR", "MKL_DYNAMIC", "GLIBC_TUNABLES", "GODEBUG"}))
}

func TestKernelsString(t *testing.T) {
	for want, k := range map[string]torch.Kernels{
		"": {},
		"ATen AVX2, oneDNN AVX512_CORE, OpenBLAS Haswell":  {ATen: "AVX2", OneDNN: "avx512_core", Core: "Haswell"},
		"ATen AVX512, MKL 2022.2, ONEDNN_MAX_CPU_ISA=AVX2": {ATen: "AVX512", MKL: "2022.2", Environment: []string{"ONEDNN_MAX_CPU_ISA=AVX2"}},
		"ATen AVX2, libm 9f86, oneDNN hints 2, oneDNN floats 1, OpenMP with fewer threads at times, OpenMP with at most 2 threads": {
			ATen: "AVX2", Libm: "test", Hints: 2, Floats: 1, OpenMP: torch.OpenMP{Dynamic: true, Limit: 2},
		},
		"ATen AVX2": {ATen: "AVX2", OpenMP: torch.OpenMP{Limit: 1<<31 - 1}},
		"ATen AVX2, OpenBLAS Zen, GODEBUG=cpu.fma=off": {ATen: "AVX2", Core: "Zen", Environment: []string{"GODEBUG=cpu.fma=off"}},
	} {
		assert.Equal(t, want, k.String())
	}
}

func TestVersion(t *testing.T) {
	const lib = "/nowhere/lib/libtorch_cpu.so.2.9.0"
	for _, c := range []struct{ name, config, want string }{
		{"Debian's flags before the macro", "CXX_FLAGS=-ffile-prefix-map=/build/pytorch-BBcGlf/pytorch-1.13.1+dfsg=., " +
			"TORCH_VERSION=1.13.0, USE_CUDA=OFF", "1.13.1"},
		{"the macro", "PERF_WITH_AVX=1, TORCH_VERSION=2.1.0, USE_CUDA=OFF", "2.1.0"},
		{"the library's name", "", "2.9.0"},
	} {
		assert.Equal(t, c.want, torch.Version(lib, c.config), c.name)
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/build-version", []byte("2.1.0+cpu\n"), 0o600))
	assert.Equal(t, "2.1.0+cpu", torch.Version(dir+"/lib/libtorch_cpu.so", "TORCH_VERSION=2.1.0"))
}
