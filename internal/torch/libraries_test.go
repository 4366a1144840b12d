package torch_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lethe-audit/lethe/internal/torch"
)

func TestLibraries(t *testing.T) {
	seen := map[string]string{}
	for _, l := range torch.Describe().Libraries {
		seen[strings.SplitN(l.Name, ".", 2)[0]] = l.ID
		assert.Regexp(t, `^(build [0-9a-f]{8,}|sha256 [0-9a-f]{64})$`, l.ID, l.Path)
	}
	for _, name := range []string{"libtorch_cpu", "libc10", "libm"} {
		assert.Contains(t, seen, name)
	}
}

func TestMapped(t *testing.T) {
	assert.Equal(t, []string{"/usr/lib/libm.so.6", "/opt/my libtorch/lib/libtorch_cpu.so", "/usr/lib/libdnnl.so.2 (deleted)"},
		torch.Mapped(strings.NewReader(
			`55d0-55d1 r-xp 00000000 08:01 1 /usr/bin/lethe.so.d/lethe
7f00-7f01 r--p 00000000 08:01 2                          /usr/lib/libm.so.6
7f01-7f02 r-xp 00001000 08:01 2                          /usr/lib/libm.so.6
7f02-7f03 r-xp 00000000 08:01 3                          /opt/my libtorch/lib/libtorch_cpu.so
7f03-7f04 r-xp 00000000 08:01 4                          /usr/lib/libdnnl.so.2 (deleted)
7f04-7f05 rw-p 00000000 00:00 0
7ffc-7ffd rw-p 00000000 00:00 0                          [stack]
`)))
}

// note is an ELF note, padded to align bytes.
func note(kind uint32, name, desc string, align int) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(name)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(desc)))
	b = binary.LittleEndian.AppendUint32(b, kind)
	for _, s := range []string{name, desc} {
		b = append(b, s...)
		for len(b)%align != 0 {
			b = append(b, 0)
		}
	}
	return b
}

func TestBuildNote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		align := rapid.SampledFrom([]int{4, 8}).Draw(t, "align")
		var notes []byte
		for range rapid.IntRange(0, 3).Draw(t, "notes before") {
			kind := rapid.SampledFrom([]uint32{1, 5}).Draw(t, "kind")
			desc := rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "other")
			notes = append(notes, note(kind, "GNU\x00", string(desc), align)...)
		}
		assert.Nil(t, torch.BuildNote(notes, binary.LittleEndian, align))
		notes = append(notes, note(3, "Go\x00\x00", "another's note of the same number", align)...)
		assert.Nil(t, torch.BuildNote(notes, binary.LittleEndian, align))
		want := rapid.SliceOfN(rapid.Byte(), 1, 32).Draw(t, "id")
		notes = append(notes, note(3, "GNU\x00", string(want), align)...)
		assert.Equal(t, want, torch.BuildNote(notes, binary.LittleEndian, align))
	})
	rapid.Check(t, func(t *rapid.T) { // what is not notes is no id, and no panic
		b := rapid.SliceOf(rapid.ByteRange(0, 12)).Draw(t, "bytes")
		torch.BuildNote(b, binary.LittleEndian, 4)
	})
	huge := note(3, "GNU\x00", "id", 4)
	binary.LittleEndian.PutUint32(huge, 1<<32-1)
	assert.Nil(t, torch.BuildNote(huge, binary.LittleEndian, 4), "a name longer than the file")
}

func TestIdentity(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	header := func(last byte) []byte {
		var b bytes.Buffer
		h := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: 64}
		copy(h.Ident[:], elf.ELFMAG)
		h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
		require.NoError(t, binary.Write(&b, binary.LittleEndian, h))
		return append(b.Bytes(), last)
	}
	one, two := torch.Identity(file("one.so", header(1))), torch.Identity(file("two.so", header(2)))
	assert.Regexp(t, `^sha256 [0-9a-f]{64}$`, one)
	assert.Regexp(t, `^sha256 [0-9a-f]{64}$`, two)
	assert.NotEqual(t, one, two)
	assert.Contains(t, torch.Identity(file("text.so", []byte("INPUT(libm.so.6)"))), "text.so: bad magic number")
	assert.Contains(t, torch.Identity(filepath.Join(dir, "gone.so")), "gone.so: open")
}

func TestParseProcessor(t *testing.T) {
	assert.Equal(t, torch.Processor{
		Model: "Intel(R) Xeon(R)", Kind: []string{"vendor_id GenuineIntel", "cpu family 6", "model 106", "stepping 6",
			"siblings 2", "cpu cores 1"},
		Sets: []string{"avx", "avx2", "fma", "pni", "sse4_2"},
	}, torch.ParseProcessor(strings.NewReader("processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: "+
		"106\nmodel name\t: Intel(R) Xeon(R)\n"+
		"stepping\t: 6\nmicrocode\t: 0x1\ncpu MHz\t\t: 2800.1\nsiblings\t: 2\ncore id\t\t: 0\ncpu cores\t: 1\n"+
		"flags\t\t: fpu sse4_2 pni fma avx2 avx arch_capabilities\nbugs\t\t:\n\nprocessor\t: 1\nvendor_id\t: another\nmodel name\t: another\n")))
	arm := torch.ParseProcessor(strings.NewReader("processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd sve\nCPU " +
		"implementer\t: 0x41\nCPU part\t: 0xd40\n\nprocessor\t: 1\nCPU part\t: 0xd41\n"))
	assert.Equal(t, []string{"asimd", "fp", "sve"}, arm.Sets)
	assert.Equal(t, []string{"CPU implementer 0x41", "CPU part 0xd40"}, arm.Kind)
}
