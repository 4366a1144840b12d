// Package reports renders one [audit.Report] for people and for machines:
// terminal text, Markdown, LaTeX, CSV, JSON and JUnit, with plots and picture
// grids beside them. A renderer measures nothing and judges nothing; it runs
// without libtorch, on a stored report.
//
// The formats for people share one [Document], so that a table in a paper and
// a table on a terminal can never disagree.
package reports
