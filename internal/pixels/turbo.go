//go:build cgo && linux

package pixels

// #cgo LDFLAGS: -ldl
// #define _GNU_SOURCE
// #include <dlfcn.h>
// #include <stdlib.h>
// #include <string.h>
//
// // The part of the TurboJPEG API that is used, as its manual declares it (libjpeg-turbo 2.1).
// typedef struct {
//   void *(*open)(void);
//   int (*header)(void *, const unsigned char *, unsigned long, int *, int *, int *, int *);
//   int (*decompress)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int);
//   char *(*message)(void *);
//   int (*code)(void *);
//   int (*close)(void *);
//   const char *path;
// } lethe_turbo;
//
// typedef struct { lethe_turbo *turbo; char *why; } lethe_turbo_loaded;
//
// // lethe_turbo_load says why there is no turbo where the library or one of its functions is not there; the caller
// // frees the text. What was loaded is never unloaded.
// static lethe_turbo_loaded lethe_turbo_load(const char *library) {
//   lethe_turbo_loaded none = {NULL, NULL};
//   void *so = dlopen(library, RTLD_NOW | RTLD_LOCAL);
//   if (!so) { none.why = strdup(dlerror()); return none; }
//   lethe_turbo *t = calloc(1, sizeof *t);
//   if (!t) return none;
//   *(void **)&t->open = dlsym(so, "tjInitDecompress");
//   *(void **)&t->header = dlsym(so, "tjDecompressHeader3");
//   *(void **)&t->decompress = dlsym(so, "tjDecompress2");
//   *(void **)&t->message = dlsym(so, "tjGetErrorStr2");
//   *(void **)&t->code = dlsym(so, "tjGetErrorCode");
//   *(void **)&t->close = dlsym(so, "tjDestroy");
//   Dl_info info;
//   if (!t->open || !t->header || !t->decompress || !t->message || !t->code || !t->close ||
//       !dladdr(*(void **)&t->open, &info) || !info.dli_fname) {
//     none.why = strdup("it is older than libjpeg-turbo 2.0 or no libjpeg-turbo");
//     free(t);
//     return none;
//   }
//   t->path = info.dli_fname;
//   lethe_turbo_loaded loaded = {t, NULL};
//   return loaded;
// }
//
// static void *lethe_turbo_open(const lethe_turbo *t) { return t->open(); }
// static void lethe_turbo_close(const lethe_turbo *t, void *h) { t->close(h); }
// static const char *lethe_turbo_message(const lethe_turbo *t, void *h) { return t->message(h); }
//
// typedef struct { int width, height, space; } lethe_turbo_size;
//
// // The size and colour space stay 0 and -1 where they cannot be read. The function's own verdict is not asked: it
// // also fails for sampling factors that have no name, which can be decoded.
// static lethe_turbo_size lethe_turbo_header(const lethe_turbo *t, void *h, const unsigned char *file,
//                                            unsigned long n) {
//   lethe_turbo_size s = {0, 0, -1};
//   int sampling;
//   t->header(h, file, n, &s.width, &s.height, &sampling, &s.space);
//   return s;
// }
//
// // 0 for a picture, 1 for one with a warning, 2 for none.
// static int lethe_turbo_decode(const lethe_turbo *t, void *h, const unsigned char *file, unsigned long n,
//                               unsigned char *pix, int width, int height, int cmyk) {
//   enum { RGB = 0, CMYK = 11, LIMIT_SCANS = 32768, WARNING = 0 };
//   int channels = cmyk ? 4 : 3;
//   if (!t->decompress(h, file, n, pix, width, channels * width, height, cmyk ? CMYK : RGB, LIMIT_SCANS)) return 0;
//   return t->code(h) == WARNING ? 1 : 2;
// }
import "C"

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"sync"
	"unsafe"
)

const turboLibrary, turboPackage = "libturbojpeg.so.0", "libturbojpeg0"

// turboJPEG is libjpeg-turbo behind its TurboJPEG interface, with the defaults that Pillow has: the accurate inverse
// transform (ISLOW) and smooth chroma.
type turboJPEG struct {
	c    *C.lethe_turbo
	full string
}

// turbo loads the library once.
var turbo = sync.OnceValues(func() (jpegDecoder, error) { return loadTurbo(turboLibrary) })

func loadTurbo(library string) (jpegDecoder, error) {
	name := C.CString(library)
	defer C.free(unsafe.Pointer(name))
	loaded := C.lethe_turbo_load(name)
	defer C.free(unsafe.Pointer(loaded.why))
	c := loaded.turbo
	if c == nil {
		return nil, fmt.Errorf("%s cannot be loaded (%s): install it (apt-get install %s) or choose the decoder go",
			library, C.GoString(loaded.why), turboPackage)
	}
	file, err := os.ReadFile(C.GoString(c.path))
	if err != nil {
		return nil, fmt.Errorf("%s has no version that can be read: %w", library, err)
	}
	return &turboJPEG{c, turboName(file)}, nil
}

// turboName finds the version in the library's file, since no function of the interface tells it. A library without
// that text is named after its file's hash.
func turboName(file []byte) string {
	if v := regexp.MustCompile(`libjpeg-turbo version (\d[0-9.]*)`).FindSubmatch(file); v != nil {
		return "libjpeg-turbo-" + string(v[1])
	}
	return fmt.Sprintf("libjpeg-turbo-sha256-%.6x", sha256.Sum256(file))
}

func (t *turboJPEG) name() string { return t.full }

func (t *turboJPEG) decode(file []byte, limit Limit) (Image, error) {
	h := C.lethe_turbo_open(t.c)
	if h == nil {
		return Image{}, errors.New("the JPEG picture cannot be decoded: libjpeg-turbo has no memory")
	}
	defer C.lethe_turbo_close(t.c, h)
	message := func() string { return C.GoString(C.lethe_turbo_message(t.c, h)) }
	data, n := (*C.uchar)(unsafe.SliceData(file)), C.ulong(len(file))
	s := C.lethe_turbo_header(t.c, h, data, n)
	w, high := int(s.width), int(s.height)
	if s.space < 0 {
		if w > 0 {
			return Image{}, explain("JPEG", errors.New("its colours are neither grey, RGB, YCbCr, CMYK nor YCCK"))
		}
		return Image{}, explainTurbo(message())
	}
	if err := limit.allows("JPEG", w, high); err != nil {
		return Image{}, err
	}
	if w > math.MaxInt32/4 {
		return Image{}, fmt.Errorf("JPEG picture of %d×%d pixels is too wide", w, high)
	}
	const cmyk, ycck = 3, 4
	out := New(w, high)
	pix, inks := out.Pix, C.int(0)
	if s.space == cmyk || s.space == ycck {
		pix, inks = make([]uint8, 4*w*high), 1
	}
	failed := C.lethe_turbo_decode(t.c, h, data, n, (*C.uchar)(unsafe.SliceData(pix)), C.int(w), C.int(high), inks)
	if failed != 0 {
		if why := message(); failed == 2 || !harmless(why, file) {
			return Image{}, explainTurbo(why)
		}
	}
	if inks == 1 {
		for i := range w * high {
			c, m, y, k := ^pix[4*i], ^pix[4*i+1], ^pix[4*i+2], ^pix[4*i+3] // Adobe stores light, not ink
			out.Pix[3*i], out.Pix[3*i+1], out.Pix[3*i+2] = inked(c, k), inked(m, k), inked(y, k)
		}
	}
	return out, nil
}

// harmless tells the first of libjpeg's warnings that touch no pixel. It keeps silent about later ones, so that
// another decoder must find nothing amiss.
func harmless(warning string, file []byte) bool {
	if !strings.HasSuffix(strayBytes.ReplaceAllString(warning, "stray bytes"), "stray bytes") &&
		!strings.Contains(warning, "unknown JFIF revision number") {
		return false
	}
	_, err := jpeg.Decode(bytes.NewReader(file))
	return err == nil
}

var strayBytes = regexp.MustCompile(`\d+ extraneous bytes before marker 0x[0-9a-f]{2}$`)

func explainTurbo(why string) error {
	if strings.Contains(why, "Premature end") {
		return explain("JPEG", io.ErrUnexpectedEOF)
	}
	return explain("JPEG", errors.New(strings.TrimSpace(why)))
}
