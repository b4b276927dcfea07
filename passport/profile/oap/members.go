package oap

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/safeconduct/safeconduct/internal/datetime"
	"github.com/safeconduct/safeconduct/internal/laxjson"
	"github.com/safeconduct/safeconduct/passport"
)

// memberRow is one member of a passport. The published schema has those without a
// note; both dialects have all but their own id.
type memberRow struct {
	name     string
	required bool
	prose    bool   // not in the published schema, which refuses it
	registry bool   // of the service's passports only
	link     bool   // names a passport of the same dialect
	want     string // what it must be, for people
	fits     func(*laxjson.Value) bool
	schema   func(*laxjson.Value) bool // the published schema's own test, where it differs
}

var (
	uuidForm       = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	schemaUUID     = regexp.MustCompile(`^(?i:(urn:uuid:)?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})$`)
	agentForm      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$`)
	ownerForm      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}$`)
	capabilityForm = regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)*$`)
	schemaCap      = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+)*$`)
	regionForm     = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)
	schemaRegion   = regexp.MustCompile(`^[A-Z]{2}(-[A-Z]{2})?$`)
	versionForm    = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	didForm        = regexp.MustCompile(`^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$`)
)

func matches(r *regexp.Regexp) func(*laxjson.Value) bool {
	return func(v *laxjson.Value) bool { return v.Kind() == laxjson.String && r.MatchString(v.Text()) }
}

func isOf(kind laxjson.Kind) func(*laxjson.Value) bool {
	return func(v *laxjson.Value) bool { return v.Kind() == kind }
}

func among(words ...string) func(*laxjson.Value) bool {
	return func(v *laxjson.Value) bool { return v.Kind() == laxjson.String && slices.Contains(words, v.Text()) }
}

func each(kind laxjson.Kind, fits func(*laxjson.Value) bool) func(*laxjson.Value) bool {
	return func(v *laxjson.Value) bool {
		return v.Kind() == kind && !slices.ContainsFunc(v.Items(), func(i *laxjson.Value) bool { return !fits(i) })
	}
}

func instant(v *laxjson.Value) bool {
	_, ok := instantOf(v)
	return ok
}

// instantOf reads a date-time of RFC 3339 in its one spelling.
func instantOf(v *laxjson.Value) (time.Time, bool) {
	if v.Kind() != laxjson.String {
		return time.Time{}, false
	}
	t, err := datetime.Parse(v.Text())
	return t, err == nil
}

var (
	schemaDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	schemaTime = regexp.MustCompile(`^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)$`)
)

// schemaInstant is the format date-time of ajv-formats, which takes lower case, any
// white space for the T, half a zone, and a leap second where one may be.
func schemaInstant(v *laxjson.Value) bool {
	if v.Kind() != laxjson.String {
		return false
	}
	at := strings.IndexFunc(v.Text(), func(c rune) bool {
		return c == 'T' || c == 't' || c == '\ufeff' || c != '\u0085' && unicode.IsSpace(c)
	})
	if at < 0 || !schemaDate.MatchString(v.Text()[:at]) {
		return false
	}
	if _, err := time.Parse(time.DateOnly, v.Text()[:at]); err != nil {
		return false
	}
	_, size := utf8.DecodeRuneInString(v.Text()[at:])
	p := schemaTime.FindStringSubmatch(v.Text()[at+size:])
	if p == nil {
		return false
	}
	number := func(i int) int { n, _ := strconv.Atoi(p[i]); return n }
	hour, minute, second, zoneHour, zoneMinute := number(1), number(2), number(3), number(5), number(6)
	if zoneHour > 23 || zoneMinute > 59 {
		return false
	}
	if p[4] == "-" {
		zoneHour, zoneMinute = -zoneHour, -zoneMinute
	}
	if hour <= 23 && minute <= 59 && second <= 59 {
		return true
	}
	// 23:59:60 in UTC, by the arithmetic of ajv-formats.
	minute -= zoneMinute
	hour -= zoneHour
	if minute < 0 {
		hour--
	}
	return second == 60 && (minute == 59 || minute == -1) && (hour == 23 || hour == -1)
}

func isLevel(v *laxjson.Value) bool {
	return v.Kind() == laxjson.String && v.Text() != "" && passport.Level(v.Text()).Rank() >= 0
}

// members are all that a passport can have.
var members = append(schemaMembers, serviceMembers()...)

var schemaMembers = []memberRow{
	{name: "passport_id", want: "a UUID", fits: matches(uuidForm), schema: matches(schemaUUID)},
	{name: "agent_id", registry: true, want: "an id of the registry, such as ap_…", fits: matches(agentForm)},
	{name: "kind", required: true, want: "template or instance", fits: among("template", "instance")},
	{name: "spec_version", required: true, want: Version, fits: among(Version)},
	{name: "template_id", link: true, want: "a UUID, of the registry one of its ids", fits: matches(agentForm),
		schema: matches(schemaUUID)},
	{name: "parent_agent_id", link: true, want: "a UUID, of the registry one of its ids", fits: matches(agentForm),
		schema: matches(schemaUUID)},
	{name: "owner_id", required: true, want: "the id of an owner", fits: matches(ownerForm),
		schema: isOf(laxjson.String)},
	{name: "owner_type", required: true, want: "org or user", fits: among("org", "user")},
	{name: "status", required: true, want: "draft, active, suspended or revoked",
		fits: among("draft", "active", "suspended", "revoked")},
	{name: "assurance_level", required: true, want: "L0, L1, L2, L3, L4KYC or L4FIN", fits: isLevel},
	{name: "capabilities", required: true, want: "a list of objects with an id, each id once", fits: capabilities,
		schema: schemaCapabilities},
	{name: "limits", required: true, want: "an object whose amounts and counts are integers, 0 or more",
		fits:   limitsFit,
		schema: schemaLimits},
	{name: "regions", required: true, want: "a list of ISO 3166 codes", fits: each(laxjson.Array, matches(regionForm)),
		schema: each(laxjson.Array, matches(schemaRegion))},
	{name: "metadata", want: "an object", fits: isOf(laxjson.Object)},
	{name: "created_at", required: true, want: "a date-time", fits: instant, schema: schemaInstant},
	{name: "updated_at", required: true, want: "a date-time", fits: instant, schema: schemaInstant},
	{name: "version", required: true, want: "a version such as 1.0.0", fits: matches(versionForm)},

	{name: "did", prose: true, want: "a DID", fits: matches(didForm)},
	{name: "expires_at", prose: true, want: "a date-time", fits: instant},
	{name: "never_expires", prose: true, want: "a boolean", fits: isOf(laxjson.Bool)},
}

// registryMembers are what the service's passports have beside those, by kind.
var registryMembers = map[laxjson.Kind][]string{
	laxjson.String: {"slug", "name", "description", "role", "owner_display", "controller_type", "platform_id",
		"tenant_ref",
		"controller_id", "creator_id", "creator_type", "issuer_type", "issued_by", "provisioned_by_org_id", "source",
		"verification_status", "verification_method", "assurance_method", "assurance_verified_at", "registry_key_id",
		"registry_sig", "canonical_hash", "verified_at", "contact", "email", "logo_url", "webhook_url",
		"updated_from_parent_at"},
	laxjson.Array: {"sponsor_orgs", "attestations", "categories", "framework"},
	laxjson.Object: {"pending_owner", "verification_evidence", "evaluation", "links", "model_info", "mcp",
		"integrations"},
	laxjson.Bool:   {"claimed"},
	laxjson.Number: {"version_number"},
}

func serviceMembers() (rows []memberRow) {
	for _, kind := range []laxjson.Kind{laxjson.String, laxjson.Array, laxjson.Object, laxjson.Bool, laxjson.Number} {
		for _, name := range registryMembers[kind] {
			rows = append(rows, memberRow{name: name, registry: true, want: kind.String(), fits: isOf(kind)})
		}
	}
	return rows
}

func memberOf(name string) *memberRow {
	for i := range members {
		if members[i].name == name {
			return &members[i]
		}
	}
	return nil
}

func capabilities(v *laxjson.Value) bool {
	seen := map[string]bool{}
	return each(laxjson.Array, func(c *laxjson.Value) bool {
		id := c.Get("id").Text()
		for _, m := range c.Members() {
			if m.Name != "id" && (m.Name != "params" || m.Value.Kind() != laxjson.Object) {
				return false
			}
		}
		twice := seen[id]
		seen[id] = true
		return c.Kind() == laxjson.Object && matches(capabilityForm)(c.Get("id")) && !twice
	})(v)
}

func schemaCapabilities(v *laxjson.Value) bool {
	return each(laxjson.Array, func(c *laxjson.Value) bool {
		params := c.Get("params")
		return c.Kind() == laxjson.Object && matches(schemaCap)(c.Get("id")) &&
			(params == nil || params.Kind() == laxjson.Object)
	})(v)
}
