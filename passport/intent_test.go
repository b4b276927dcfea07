package passport_test

const goodIntent = `{"id":"urn:safeconduct:intent:01JD7Z3F0K9Q6T4V8XW2Y5N1RB","type":"AgentIntent","passportId":"urn:safeconduct:passport:01JD7Z3F0K9Q6T4V8XW2Y5N1RB","action":"payments.charge","resource":"https://shop.example/cart/1","transactionAmount":{"amount":"12.50","currency":"USD"},"payee":"acct_1","category":"compute","rail":"card","region":"DE-BY","parameters":{"rows":5,"list":[],"none":null},"bodyDigest":"uEiBZlVztZpfWHgPyslVv6-UwirFoQoRvW1htfx963sknNA","issuedAt":"2026-11-21T09:00:00Z","expiresAt":"2026-11-21T09:05:00Z"}`
