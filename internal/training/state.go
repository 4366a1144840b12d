package training

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/checkpoint"
	"github.com/lethe-audit/lethe/internal/torch"
)

// state is what a checkpoint holds: the arrays, and the rest as JSON in the
// file's metadata.
type state struct {
	Key      string             `json:"key"` // of the work, so that a stale file is never resumed
	Units    int                `json:"units"`
	Values   map[string]float64 `json:"values"`
	Stops    map[int]bool       `json:"stops"` // units after which a phase ended early
	Cost     audit.Cost         `json:"cost"`
	Curves   []audit.Curve      `json:"curves"`
	AdamStep int                `json:"adamStep"`

	weights []float32
	adam    torch.AdamState
}

// check wants a state that a session of this many weights has saved.
func (st *state) check(weights int) error {
	switch {
	case st.Units < 1:
		return errors.New("it holds no work")
	case len(st.weights) != weights:
		return fmt.Errorf("%d weights for a model of %d", len(st.weights), weights)
	case len(st.adam.M) != len(st.adam.V) || (st.adam.M == nil && st.AdamStep != 0):
		return errors.New("the optimiser's state is not whole")
	}
	return nil
}

func (s *Session) save() error {
	st := s.state
	st.Units = s.units
	st.Cost = s.Cost()
	w, err := s.Model.Params().Values()
	if err != nil {
		return err
	}
	arrays := map[string]checkpoint.Array{"weights": {Shape: []int64{int64(len(w))}, Values: w}}
	st.AdamStep = 0
	if s.opt != nil {
		a, err := s.opt.State()
		if err != nil {
			return err
		}
		st.AdamStep = a.Step
		n := []int64{int64(len(a.M))}
		arrays["adam.m"] = checkpoint.Array{Shape: n, Values: a.M}
		arrays["adam.v"] = checkpoint.Array{Shape: n, Values: a.V}
	}
	meta, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return checkpoint.Save(s.File, arrays, map[string]string{"state": string(meta)})
}

// load reads a checkpoint; a file that is not there is no error.
func load(file string) (*state, error) {
	arrays, meta, err := checkpoint.Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var st state
	if err := json.Unmarshal([]byte(meta["state"]), &st); err != nil {
		return nil, fmt.Errorf("%s is not a training checkpoint (%w): delete it", file, err)
	}
	if st.Values == nil {
		st.Values = map[string]float64{}
	}
	if st.Stops == nil {
		st.Stops = map[int]bool{}
	}
	st.weights = arrays["weights"].Values
	st.adam = torch.AdamState{Step: st.AdamStep, M: arrays["adam.m"].Values, V: arrays["adam.v"].Values}
	return &st, nil
}
