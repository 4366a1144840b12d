package sets

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/lethe-audit/lethe/internal/linalg"
)

// neighbour is a row that may be among the nearest, and how near it is at least; exactly so near if exact.
type neighbour struct {
	low   float64
	index int32
	exact bool
}

// neighbours finds the k nearest rows of every row. It keeps the k least upper bounds of distances, and of what it has
// seen those rows whose lower bound is not above them; only these are measured in float64. Whatever order pairs come
// in, the result is the same: the k-th least exact distance.
type neighbours struct {
	*points
	k      int
	limit  int           // of candidates kept per row
	upper  []float64     // k a row, ascending
	may    [][]neighbour // candidates
	beyond []float64     // below() of the k-th upper bound
}

// radii are the squared distances, in squared units, from each row to its k-th nearest neighbour, itself not counted.
func radii(x *mat.Dense, k int, unit float64) ([]float64, error) {
	n, _ := x.Dims()
	s := &neighbours{points: newPoints(x, means(x), unit), k: k, limit: 2*k + 32,
		upper: make([]float64, n*k), may: make([][]neighbour, n), beyond: make([]float64, n)}
	for i := range s.upper {
		s.upper[i] = math.Inf(1)
	}
	for i := range n {
		s.bound(i)
	}
	side := linalg.TileSide(n, n)
	locks := make([]sync.Mutex, (n+side-1)/side)
	err := linalg.Tiles(s.near, s.near, true, func(t *linalg.Tile[float32]) error {
		a, b := t.Row/side, t.Column/side // a ≤ b: no two wait for each other
		locks[a].Lock()
		defer locks[a].Unlock()
		if a != b {
			locks[b].Lock()
			defer locks[b].Unlock()
		}
		s.see(t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]float64, n)
	inParallel(n, func(i int) {
		s.settle(i)
		out[i] = s.kth(i)
	})
	return out, nil
}

func (s *neighbours) kth(i int) float64 { return s.upper[(i+1)*s.k-1] }

func (s *neighbours) bound(i int) {
	s.beyond[i] = s.below(i, s.kth(i))
	if s.kth(i) == 0 { // exact, as bounds are above 0: nothing can be nearer
		s.beyond[i] = math.Inf(1)
	}
}

// see takes a tile of products, of which a tile on the diagonal has every pair twice.
func (s *neighbours) see(t *linalg.Tile[float32]) {
	half, beyond := s.half[t.Column:t.Column+t.Columns], s.beyond[t.Column:t.Column+t.Columns]
	for i := range t.Rows {
		r, from := t.Row+i, 0
		if t.Row == t.Column {
			from = i + 1
		}
		own := s.half[r]
		for j, p := range t.Data[i*t.Columns+from : (i+1)*t.Columns] {
			j += from
			v := float64(p)
			if v < s.beyond[r]+half[j] && v < own+beyond[j] {
				continue
			}
			c := t.Column + j
			h := s.norm[r] + s.norm[c]
			d, e := h-2*v, s.slack*h+s.floor
			s.offer(r, c, d-e, d+e)
			s.offer(c, r, d-e, d+e)
		}
	}
}

// offer tells row i that row j is at a squared distance from low to high.
func (s *neighbours) offer(i, j int, low, high float64) {
	if low > s.kth(i) || math.IsInf(s.beyond[i], 1) {
		return
	}
	s.may[i] = append(s.may[i], neighbour{low: low, index: int32(j)})
	if high < s.kth(i) {
		u := s.upper[i*s.k : (i+1)*s.k]
		at, _ := slices.BinarySearch(u, high)
		copy(u[at+1:], u[at:])
		u[at] = high
		s.bound(i)
	}
	if len(s.may[i]) >= s.limit {
		s.may[i] = slices.DeleteFunc(s.may[i], func(c neighbour) bool { return c.low > s.kth(i) })
		if len(s.may[i]) > s.limit/2 {
			s.settle(i)
		}
	}
}

// settle measures row i's candidates in float64 and keeps the k nearest.
func (s *neighbours) settle(i int) {
	may := slices.DeleteFunc(s.may[i], func(c neighbour) bool { return c.low > s.kth(i) })
	for c := range may {
		if !may[c].exact {
			may[c].low, may[c].exact = s.distance(s.exact, i, int(may[c].index)), true
		}
	}
	slices.SortFunc(may, func(a, b neighbour) int { return cmp.Compare(a.low, b.low) })
	s.may[i] = may[:min(len(may), s.k)]
	for c, m := range s.may[i] {
		s.upper[i*s.k+c] = m.low
	}
	for c := len(s.may[i]); c < s.k; c++ {
		s.upper[i*s.k+c] = math.Inf(1)
	}
	s.bound(i)
}

// distance is the squared distance of row i to row j of other, in squared units.
func (p *points) distance(other *mat.Dense, i, j int) float64 {
	return squaredDistance(p.exact.RawRowView(i), other.RawRowView(j)) * (p.unit * p.unit)
}

// inParallel runs f for [0, n), in runs of 64 on as many goroutines as there are processors.
func inParallel(n int, f func(i int)) {
	const run = 64
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min((n+run-1)/run, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for lo := int(next.Add(run)) - run; lo < n; lo = int(next.Add(run)) - run {
				for i := lo; i < min(lo+run, n); i++ {
					f(i)
				}
			}
		})
	}
	wg.Wait()
}
