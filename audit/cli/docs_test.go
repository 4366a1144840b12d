package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lethe-audit/lethe/audit"
	"github.com/lethe-audit/lethe/audit/catalogue"
	"github.com/lethe-audit/lethe/fixtures"
	"github.com/lethe-audit/lethe/internal/golden"
)

// page reads a text of the repository.
func page(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(golden.Root(t), filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(b)
}

var fence = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// commands are the arguments of each command of lethe in a page's blocks of shell.
func commands(text string) [][]string {
	var out [][]string
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(line, " #")
			line, _, _ = strings.Cut(line, ">")
			words := strings.Fields(line)
			if len(words) > 0 && (words[0] == "bin/lethe" || words[0] == "lethe") {
				out = append(out, words[1:])
			}
		}
	}
	return out
}

// Every command line of the documentation is one that lethe understands.
func TestCommandsOfTheDocsParse(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(golden.Root(t), "docs", "*.md"))
	require.NoError(t, err)
	for _, p := range append(pages, filepath.Join(golden.Root(t), "README.md")) {
		b, err := os.ReadFile(p)
		require.NoError(t, err)
		all := commands(string(b))
		if filepath.Base(p) == "README.md" {
			require.GreaterOrEqual(t, len(all), 10, "the section Use it")
		}
		for _, args := range all {
			var c cli
			parser, err := kong.New(&c, kong.Vars(planVars()), kong.Vars(metricsVars()), kong.Writers(io.Discard, io.Discard),
				kong.Exit(func(int) { assert.Fail(t, "not a command that does anything", "%s: %v", p, args) }))
			require.NoError(t, err)
			_, err = parser.Parse(args)
			assert.NoError(t, err, "%s: lethe %s", filepath.Base(p), strings.Join(args, " "))
		}
	}
	assert.Equal(t, [][]string{{"audit", "a.yml"}, {"init"}}, commands("```sh\nbin/lethe audit a.yml   # b\nls\nlethe init > c\n```\n"))
}

// tables are the rows of a page's tables whose first heading is one of a name's; of the first column, the words in
// backticks.
func tables(text, heading string) []string {
	var out []string
	inside := false
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			inside = false
			continue
		}
		first := strings.TrimSpace(strings.Split(line, "|")[1])
		if first == heading {
			inside = true
		} else if inside {
			for _, m := range word.FindAllStringSubmatch(first, -1) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

var word = regexp.MustCompile("`([^`]+)`")

// Every item has its row in the documentation, every row its item.
func TestTablesOfTheDocsAreTheCatalogue(t *testing.T) {
	cat := catalogue.Default()
	var gallery []string
	for _, n := range names(cat.Gallery) {
		gallery = append(gallery, strings.TrimPrefix(n, catalogue.GalleryPrefix))
	}
	for _, c := range []struct {
		page, heading string
		want          []string
	}{
		{"docs/methods.md", "kind", names(cat.Methods)},
		{"docs/attacks.md", "attack", names(cat.Attacks)},
		{"docs/criteria.md", "criterion", names(cat.Criteria)},
		{"docs/models.md", "kind", names(cat.Families)},
		{"docs/plan.md", "task", names(cat.Tasks)},
		{"docs/plan.md", "data", names(cat.Data)},
		{"docs/plan.md", "features", names(cat.Features)},
		{"docs/plan.md", "metric", names(cat.Metrics)},
		{"docs/plan.md", "plan", fixtures.PlanNames()},
		{"docs/gallery.md", "kind", gallery},
	} {
		got := tables(page(t, c.page), c.heading)
		require.NotEmpty(t, got, "%s has no table of %s", c.page, c.heading)
		for _, n := range c.want {
			assert.Contains(t, got, n, "%s does not say what %s is", c.page, n)
		}
		for _, n := range got {
			assert.Contains(t, c.want, n, "%s has a row of %s, which there is not", c.page, n)
		}
	}
}

// What an attack is judged by is a criterion.
func TestAttacksAreJudgedByCriteria(t *testing.T) {
	criteria := names(catalogue.Default().Criteria)
	rows := 0
	for line := range strings.Lines(page(t, "docs/attacks.md")) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 7 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		rows++
		by := strings.TrimSpace(cells[5])
		if by != "reported" {
			assert.Contains(t, criteria, strings.Trim(by, "`"), line)
		}
	}
	assert.GreaterOrEqual(t, rows, len(catalogue.Default().Attacks))
}

func names[T any](set audit.Set[T]) []string {
	var out []string
	for _, e := range set {
		out = append(out, e.Name)
	}
	slices.Sort(out)
	return out
}
