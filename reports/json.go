package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"

	"github.com/lethe-audit/lethe/audit"
)

// JSON writes the report itself, indented, with lists of numbers on one line.
// [audit.Load] reads it back; [Schema] describes it.
func JSON(w io.Writer, r *audit.Report) error {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return fmt.Errorf("render json: %w", err)
	}
	b = numberLists.ReplaceAllFunc(b, func(list []byte) []byte {
		return bytes.ReplaceAll(bytes.Join(bytes.Fields(list), nil), []byte(","), []byte(", "))
	})
	if _, err := w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("render json: %w", err)
	}
	return nil
}

// numberLists matches lists of numbers over several lines. A JSON string holds no
// raw line break, so that none can match.
var numberLists = regexp.MustCompile(`\[\n\s+[-0-9][-+0-9.eE]*(,\n\s+[-0-9][-+0-9.eE]*)*\n\s*\]`)
