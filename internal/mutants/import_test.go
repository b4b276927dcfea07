package mutants

const (
	ofImport  = "passport/registry/import"
	ofMigrate = "passport/registry/migrate/"
	inMigrate = "./passport/registry/migrate"
)

func init() { mutants = append(mutants, importMutants...) }

// importMutants are of records that come from other systems, and of their keys.
var importMutants = []mutant{
	{"import: root alone", ofImport + ".go", "	case !by.root:", "	case false:", ofOffice, "TestP16WhoMayCallWhat"},
	{"import: a rehearsal changes nothing", ofImport + ".go", "	if !n.Apply {\n", "	if false {\n", ofOffice, "TestImport"},
	{"import: no half of a record", ofImport + ".go", "if err != nil && b.tx.(*writes).any {", "if false {", ofOffice,
		"TestImportWritesNoHalf"},
	{"import: a passport below nothing", ofImport + "passport.go", "	if err := b.below(p); err != nil {",
		"	if err := error(nil); err != nil {", ofOffice, "TestImportPassports"},
	{"import: nothing is overwritten", ofImport + "one.go", "b.rec.Became == nil && b.before.Digest != b.digest():", "false:",
		ofOffice, "TestImportOverwritesNothing"},
	{"import: what is revoked stays so", ofImport + "base.go", "CreatedAt: b.created(), Standing: b.standing,\n	}\n	if",
		"CreatedAt: b.created(),\n	}\n	if", ofOffice, "TestImportNothingComesBackToLife"},
	{"import: what is told before it comes", ofImport + "one.go", "		if !stricter {", "		if false {", ofOffice,
		"TestImportNothingComesBackToLife"},
	{"import: what was revoked there since", ofImport + "one.go", "	case stricter:", "	case false:", ofOffice,
		"TestImportNothingComesBackToLife"},
	{"import: a grant is narrower than its parent", ofImport + "base.go", "b.r.Grants.narrows(b.tx, above, n)", "nil", ofOffice,
		"TestG7ImportedGrantsNarrow"},
	{"import: what an agent may be granted", ofImport + "base.go", "if scope := a.lacks(n.Scopes); scope != \"\" {",
		"if scope := a.lacks(nil); scope != \"\" {", ofOffice, "TestG7ImportedGrantsNarrow"},
	{"import: below a revoked grant", ofImport + "base.go", "if g.RevokedAt.IsZero() && !above.RevokedAt.IsZero() {",
		"if false {", ofOffice, "TestG7ImportedGrantsNarrow"},
	{"import: a passport on a revoked grant", ofImport + "passport.go",
		"if p.RevokedAt.IsZero() && (g.Status == Revoked || a.Status == Revoked) {", "if false {", ofOffice,
		"TestG7ImportedGrantsNarrow"},
	{"import: a passport ends with its grant", ofImport + "passport.go", "if p.ExpiresAt.After(g.ExpiresAt) {",
		"if false {", ofOffice, "TestG7ImportedGrantsNarrow"},
	{"import: the longest life", ofImport + "passport.go", "if err != nil || p.ExpiresAt.After(", "if err != nil && p.ExpiresAt.After(",
		ofOffice, "TestImportPassports"},
	{"import: below another's passport", "passport/registry/parents.go", "	case p.Issuer != \"\":", "	case false:", ofOffice,
		"TestImportPassports"},
	{"import: a secret is never taken", "passport/registry/foreignsecret.go",
		"if !ok || err != nil || len(raw) != sha256.Size ||",
		"if ok && err != nil && len(raw) != sha256.Size &&", ofOffice, "TestImportKeys"},
	{"import: a key does what it did", ofImport + "keys.go", "case !slices.Contains(scopes, scope) ||", "case false &&",
		ofOffice, "TestImportKeys"},
	{"import: a rotated secret ends", "passport/registry/foreignsecret.go", "found.Foreign.good(r.now()) && (", "true && (",
		ofOffice, "TestImportKeys"},
	{"import: the id of an org key is shown", "passport/registry/foreignsecret.go",
		"shown == \"\" && found.Kind != KeyOrg", "shown == \"\"", ofOffice, "TestImportKeys"},
	{"migrate: an unknown member might be a limit", ofMigrate + "migrate.go", "if !m.seen[name] {", "if false {", inMigrate,
		"TestReadersLoseNoLimit"},
	{"P8: a webhook is https", "passport/registry/profile.go", "u.Scheme != \"https\" ||\n", "false ||\n", ofOffice,
		"TestP8WhomTheHostWritesTo"},
	{"P8: an e-mail address", "passport/registry/profile.go", "	if p.Email != \"\" {", "	if false {", ofOffice,
		"TestP8WhomTheHostWritesTo"},
}
