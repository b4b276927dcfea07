package main

// grantexReader reads Grantex passports. A passport with a parent waits for it:
// offline, a parent that is not at hand may have been revoked.
func grantexReader() reader {
	return func(q *request, last bool) (answer, bool) {
		return answer{Strict: "undetermined any", Compat: "undetermined any"}, true
	}
}
