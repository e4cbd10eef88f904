package register

import "vouch/importers/tree"

func isOSCAL(tree.Node) bool   { return false }
func readOSCAL(*decoder) *Part { return nil }
