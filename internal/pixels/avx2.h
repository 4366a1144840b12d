// Resizing and colours with AVX2, for fast_amd64.go alone, which includes this file: all functions are static.
#include <immintrin.h>
#include <stdint.h>

// Products and sums are never fused: the bits must be those of the Go code, which these functions only hasten.
#define AVX2 __attribute__((target("avx2,no-fma"))) static

static int lethe_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }

// Weights are split in two 16-bit parts, k = high·2¹² + low, and two taps are multiplied and added at once. The
// sums are those of 32-bit integers, modulo 2³².
#define SPLIT_SUM(high, low) _mm256_srai_epi32(_mm256_add_epi32(_mm256_slli_epi32(high, 12), low), 22)

// Two rows at a time, one in each half of a register. Reads up to 4 bytes beyond the last tap.
AVX2 void lethe_rows8(const uint8_t *src, long stride, long height, uint8_t *dst, long row, long pixel, long plane,
                      const int32_t *from, const int32_t *pairs, long taps, long out) {
  const __m256i half = _mm256_set1_epi32(1 << 21);
  // red, green and blue of two neighbours, as 16 bits, side by side
  const __m256i first = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
  const __m256i second = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
  for (long y = 0; y + 1 < height; y += 2) {
    for (long x = 0; x < out; x++) {
      const uint8_t *p = src + y * stride + 3 * (long)from[x];
      const int32_t *k = pairs + x * taps;
      __m256i high = _mm256_setzero_si256(), low = half;
      for (long j = 0; j < taps; j += 4, p += 12, k += 4) {
        __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)p)),
                                            _mm_loadu_si128((const __m128i *)(p + stride)), 1);
        __m256i a = _mm256_shuffle_epi8(v, first), b = _mm256_shuffle_epi8(v, second);
        high = _mm256_add_epi32(high, _mm256_add_epi32(_mm256_madd_epi16(a, _mm256_set1_epi32(k[0])),
                                                       _mm256_madd_epi16(b, _mm256_set1_epi32(k[2]))));
        low = _mm256_add_epi32(low, _mm256_add_epi32(_mm256_madd_epi16(a, _mm256_set1_epi32(k[1])),
                                                     _mm256_madd_epi16(b, _mm256_set1_epi32(k[3]))));
      }
      __m256i v = SPLIT_SUM(high, low);
      v = _mm256_packs_epi32(v, v);
      v = _mm256_packus_epi16(v, v);
      uint32_t above = _mm256_extract_epi32(v, 0), below = _mm256_extract_epi32(v, 4);
      uint8_t *d = dst + y * row + x * pixel, *e = d + row;
      d[0] = above, d[plane] = above >> 8, d[2 * plane] = above >> 16;
      e[0] = below, e[plane] = below >> 8, e[2 * plane] = below >> 16;
    }
  }
}

// Result rows of planes that lie one after the other: in rows of n in the source, out rows of n in the result.
// Sixteen columns at a time, the last ones twice where n is no multiple; n ≥ 16.
AVX2 void lethe_columns8(const uint8_t *src, long n, long planes, uint8_t *dst8, float *dst32, const int32_t *from,
                         const int32_t *count, const int32_t *pairs, long taps, long in, long out) {
  const __m256i half = _mm256_set1_epi32(1 << 21), zero = _mm256_setzero_si256(), most = _mm256_set1_epi32(255);
  for (long row = 0; row < planes * out; row++) {
    long y = row % out;
    const uint8_t *rows = src + (row / out * in + from[y]) * n;
    const int32_t *k = pairs + y * taps;
    for (long next = 0; next < n; next += 16) {
      long i = next <= n - 16 ? next : n - 16;
      __m256i high0 = zero, high1 = zero, low0 = half, low1 = half;
      for (long j = 0; j < count[y]; j += 2) {
        const uint8_t *p = rows + j * n + i;
        __m128i a = _mm_loadu_si128((const __m128i *)p);
        __m128i b = j + 1 < count[y] ? _mm_loadu_si128((const __m128i *)(p + n)) : a; // its weight is zero
        __m256i v = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)), w = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b));
        __m256i h = _mm256_set1_epi32(k[j]), l = _mm256_set1_epi32(k[j + 1]);
        high0 = _mm256_add_epi32(high0, _mm256_madd_epi16(v, h));
        high1 = _mm256_add_epi32(high1, _mm256_madd_epi16(w, h));
        low0 = _mm256_add_epi32(low0, _mm256_madd_epi16(v, l));
        low1 = _mm256_add_epi32(low1, _mm256_madd_epi16(w, l));
      }
      __m256i v = SPLIT_SUM(high0, low0), w = SPLIT_SUM(high1, low1);
      if (dst32) {
        v = _mm256_min_epi32(_mm256_max_epi32(v, zero), most);
        w = _mm256_min_epi32(_mm256_max_epi32(w, zero), most);
        _mm256_storeu_ps(dst32 + row * n + i, _mm256_cvtepi32_ps(v));
        _mm256_storeu_ps(dst32 + row * n + i + 8, _mm256_cvtepi32_ps(w));
      } else {
        v = _mm256_permute4x64_epi64(_mm256_packs_epi32(v, w), 0xd8);
        _mm_storeu_si128((__m128i *)(dst8 + row * n + i),
                         _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
      }
    }
  }
}

// One row of bytes as doubles with a fourth colour, so that a pixel fills a register; n pixels.
static void lethe_widen(double *wide, const uint8_t *src, long n) {
  for (long x = 0; x < n; x++)
    for (long c = 0; c < 3; c++) wide[4 * x + c] = src[3 * x + c];
}

AVX2 void lethe_rows64(const uint8_t *src, long width, long height, float *dst, double *wide, const int32_t *from,
                       const int32_t *count, const double *weight, long taps, long out) {
  for (long y = 0; y < height; y++) {
    lethe_widen(wide, src + 3 * width * y, width);
    float *red = dst + y * out, *green = red + height * out, *blue = green + height * out;
    for (long x = 0; x < out; x++) {
      const double *p = wide + 4 * (long)from[x], *k = weight + x * taps;
      __m256d sum = _mm256_setzero_pd();
      for (long j = 0; j < count[x]; j++)
        sum = _mm256_add_pd(sum, _mm256_mul_pd(_mm256_loadu_pd(p + 4 * j), _mm256_set1_pd(k[j])));
      float v[4];
      _mm_storeu_ps(v, _mm256_cvtpd_ps(sum));
      red[x] = v[0], green[x] = v[1], blue[x] = v[2];
    }
  }
}

// Eight columns at a time, the last ones twice where n is no multiple; n ≥ 8.
AVX2 void lethe_columns64(const float *src, long n, long planes, float *dst, const int32_t *from,
                          const int32_t *count, const double *weight, long taps, long in, long out) {
  for (long row = 0; row < planes * out; row++) {
    long y = row % out;
    const float *rows = src + (row / out * in + from[y]) * n;
    const double *k = weight + y * taps;
    for (long next = 0; next < n; next += 8) {
      long i = next <= n - 8 ? next : n - 8;
      __m256d a = _mm256_setzero_pd(), b = a;
      for (long j = 0; j < count[y]; j++) {
        const float *p = rows + j * n + i;
        __m256d w = _mm256_set1_pd(k[j]);
        a = _mm256_add_pd(a, _mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(p)), w));
        b = _mm256_add_pd(b, _mm256_mul_pd(_mm256_cvtps_pd(_mm_loadu_ps(p + 4)), w));
      }
      _mm_storeu_ps(dst + row * n + i, _mm256_cvtpd_ps(a));
      _mm_storeu_ps(dst + row * n + i + 4, _mm256_cvtpd_ps(b));
    }
  }
}

AVX2 void lethe_divide(float *x, long n, float by) {
  for (long i = 0; i < n; i++) x[i] /= by;
}

AVX2 void lethe_clip(float *x, long n) {
  for (long i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i] > 255 ? 255 : x[i];
}

AVX2 void lethe_mix(float *dst, const float *top, const float *bottom, long n, float share) {
  for (long i = 0; i < n; i++) dst[i] = top[i] + (bottom[i] - top[i]) * share;
}
