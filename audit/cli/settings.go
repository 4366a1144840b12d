package cli

import "strconv"

// planFlags are the flags of every command that reads a plan and may change it.
type planFlags struct {
	Data    string   `placeholder:"DIR" help:"Folder of the data set; short for --set data.path=DIR."`
	Set     []string `placeholder:"KEY=VALUE" sep:"none" help:"Change a value of the plan, for example --set train.epochs=50."`
	Seed    *uint64  `help:"Change the plan's seed."`
	Profile string   `placeholder:"NAME" help:"Judge by a family of criteria: quick, standard or strict; short for --set profile=NAME."`
}

// settings are the changes in the order in which they are made: those of --set as
// they were given, then those that have a flag of their own and so win. Texts are
// quoted: a path such as "/d/c #1" is no YAML.
func (f planFlags) settings() []string {
	out := append([]string(nil), f.Set...)
	if f.Data != "" {
		out = append(out, "data.path="+strconv.Quote(f.Data))
	}
	if f.Seed != nil {
		out = append(out, "seed="+strconv.FormatUint(*f.Seed, 10))
	}
	if f.Profile != "" {
		out = append(out, "profile="+strconv.Quote(f.Profile))
	}
	return out
}
