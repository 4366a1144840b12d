package methods

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/stats"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/internal/training"
)

// key is a secret of 32 bytes from first on.
func key(t testing.TB, first byte) *secret.Key {
	t.Helper()
	b := make([]byte, secret.Least)
	for i := range b {
		b[i] = first + byte(i)
	}
	path := filepath.Join(t.TempDir(), "noise.key")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	k, _, err := secret.Open(path, "")
	require.NoError(t, err)
	return k
}

// noisy lists the methods that draw (ε, δ) noise.
func noisy() map[string]Method {
	out := map[string]Method{}
	for name, m := range quick() {
		if g, ok := m.(Guarantor); ok && g.Claimed(true) != nil {
			out[name] = m
		}
	}
	return out
}

// The same secret gives the same bits; another secret, another model of the same secret, and none, give others.
func TestSecretDecides(t *testing.T) {
	c := pool(t)
	require.Len(t, noisy(), 2)
	for name, m := range noisy() {
		t.Run(name, func(t *testing.T) {
			with := func(k *secret.Key) result {
				p := problem(t, c, 1)
				p.Train.Epochs, p.Secret = 100, k
				return unlearn(t, m, p)
			}
			seen := map[audit.Digest]string{}
			for what, k := range map[string]*secret.Key{"none": nil, "a secret": key(t, 1), "another": key(t, 2),
				"of another model": key(t, 1).For("other")} {
				r := with(k)
				assert.Equal(t, r.digest, with(k).digest, what)
				assert.Empty(t, seen[r.digest], what)
				seen[r.digest] = what
				notes := strings.Join(r.notes, "\n")
				assert.Equal(t, k != nil, strings.Contains(notes,
					"holds by construction: the noise is drawn from a secret that the plan only commits to"), what)
				assert.Equal(t, k == nil, strings.Contains(notes, "assumption: the noise is drawn from the plan's seed"), what)
				assert.Contains(t, notes, "assumption: the noise is the ideal Gaussian's", what)
			}
		})
	}
}

// Whoever knows the seed takes the seed's noise off to the last bit of rounding, and with a secret gets nowhere.
func TestSeedTakesNoiseOff(t *testing.T) {
	m := private()
	w, err := trained()
	require.NoError(t, err)
	sigma, err := stats.GaussianSigma(m.Epsilon, m.Delta, m.sensitivity())
	require.NoError(t, err)
	for name, k := range map[string]*secret.Key{"seed": nil, "secret": key(t, 1)} {
		p := &Problem{Seed: 1, Secret: k}
		net := model(t, pool(t), w, 0)
		require.NoError(t, m.perturb(net.Params(), p.noise("ascent 1", 9, 3)))
		v, err := net.Params().Values()
		require.NoError(t, err)
		known := rand.New(rand.NewPCG(9, 3))
		var left float64
		for i := range v {
			d := (float64(v[i]) - sigma*known.NormFloat64() - float64(w[i])) / sigma
			left += d * d / float64(len(v))
		}
		if k == nil {
			assert.Less(t, left, 1e-6, name)
		} else {
			assert.InDelta(t, 2, left, 0.1, "%s: two independent noises are left", name)
		}
	}
}

// Interrupted after every unit of work and resumed from its checkpoint, the model gets the noise it would have got.
func TestSecretNoiseResumes(t *testing.T) {
	c := pool(t)
	for name, m := range noisy() {
		t.Run(name, func(t *testing.T) {
			p := problem(t, c, 1)
			p.Train.Epochs, p.Secret = 100, key(t, 1)
			want := unlearn(t, m, p)
			w, err := trained()
			require.NoError(t, err)
			file, interrupted := filepath.Join(t.TempDir(), "checkpoint.safetensors"), 0
			for {
				net := model(t, c, w, 0)
				s, err := training.Open(net, file, "work", -1)
				require.NoError(t, err)
				stopped, cancel := context.WithCancel(ctx)
				s.Progress = func(string, int, int) { cancel() } // the epoch is finished, then the work stops
				_, err = m.Unlearn(stopped, p, s)
				s.Close()
				cancel()
				if err == nil {
					got, err := net.Params().Digest()
					require.NoError(t, err)
					assert.Equal(t, want.digest, got)
					break
				}
				require.ErrorIs(t, err, training.ErrInterrupted)
				interrupted++
			}
			assert.GreaterOrEqual(t, interrupted, 3)
		})
	}
}

// A secret turns one assumption into what holds by construction, and no other; that computers' noise is not the ideal
// one is said either way.
func TestClaimsOfNoise(t *testing.T) {
	for name, m := range noisy() {
		g, ok := m.(Guarantor)
		require.True(t, ok)
		without, with := g.Claimed(false), g.Claimed(true)
		assert.Equal(t, []any{without.Epsilon, without.Delta, without.Mechanism}, []any{with.Epsilon, with.Delta, with.Mechanism}, name)
		require.Len(t, with.Assumptions, len(without.Assumptions), name)
		for i, a := range without.Assumptions {
			if a == seedIsSecret {
				a = noiseIsSecret
			}
			assert.Equal(t, a, with.Assumptions[i], name)
		}
		assert.Contains(t, without.Assumptions, seedIsSecret, name)
		assert.Contains(t, with.Assumptions, noiseIsNormal, name)
	}
	assert.False(t, seedIsSecret.Holds)
	assert.True(t, noiseIsSecret.Holds)
	assert.False(t, noiseIsNormal.Holds)
}
