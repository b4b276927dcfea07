package mutants

// survivorReasons are the mutants of the table that no reference test notices,
// and why that is right.
var survivorReasons = map[string]string{}
