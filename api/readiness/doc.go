// Package readiness renders how ready a company is for the criteria of a
// framework, as a self-contained HTML page ([WriteHTML]) and as text for
// terminals ([Text]).
//
// The page holds no scripts and loads nothing; its heat map is SVG drawn here,
// each cell says its level by colour, letter and hatching, and leads to the
// section of its criterion. Everything that comes from a register or from a
// customer is escaped by html/template. The page names controls, their owners
// and the customers who asked: it is for the company's own people.
package readiness
