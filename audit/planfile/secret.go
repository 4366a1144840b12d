package planfile

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/internal/secret"
	"github.com/lethe-audit/lethe/internal/weights"
)

// secret reads the secret that (ε, δ) noise is drawn from. The file's commitment enters the plan, its bytes do not. A
// commitment without a file is enough to report on models that exist.
func (d *decoder) secret(n *yaml.Node) *audit.Secret {
	if n.Kind == 0 {
		return nil
	}
	var v struct {
		Path       string `json:"path"`
		Commitment string `json:"commitment"`
	}
	before := len(d.problems)
	d.into(n, &v, "secret")
	if len(d.problems) > before {
		return nil
	}
	s := &audit.Secret{Path: v.Path, Commitment: audit.Digest(strings.ToLower(v.Commitment))}
	switch {
	case v.Path == "" && v.Commitment == "":
		d.fail(n, "secret: path is missing: give the file of the secret; `lethe secret noise.key` makes one")
	case v.Commitment != "" && weights.Digits("commitment", v.Commitment) != nil:
		d.fail(n, "secret: commitment %q is not 64 hexadecimal digits: give it as `lethe secret` printed it, or leave it out", v.Commitment)
	case v.Path != "":
		_, got, err := secret.Open(v.Path, s.Commitment)
		if err != nil {
			d.fail(n, "secret: %v", err)
		}
		s.Commitment = got
	}
	return s
}
