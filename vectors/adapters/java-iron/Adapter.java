// Answers the reference tests with Iron of com.apicatalog: eddsa-rdfc-2022 with
// did:key, and the canonical form that it signs. Nothing is fetched.
import com.apicatalog.jsonld.JsonLdError;
import com.apicatalog.jsonld.JsonLdErrorCode;
import com.apicatalog.jsonld.document.JsonDocument;
import com.apicatalog.jsonld.json.JsonUtils;
import com.apicatalog.jsonld.loader.DocumentLoader;
import com.apicatalog.ld.signature.eddsa.EdDSASignature2022;
import com.apicatalog.ld.signature.primitive.Urdna2015;
import com.apicatalog.multibase.MultibaseDecoder;
import com.apicatalog.vc.method.resolver.DidUrlMethodResolver;
import com.apicatalog.vc.verifier.Verifier;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Iron's verifier, of which the proofs are asked: its look at the dates is one at the clock of the machine. */
public class Adapter extends Verifier {
    static final Map<String, String> CONTEXTS = Map.of(
        "https://www.w3.org/ns/credentials/v2", "credentials-v2", "https://w3id.org/safeconduct/v1", "safeconduct-v1",
        "https://w3id.org/vc/status-list/2021/v1", "status-list-2021-v1",
        "https://w3id.org/security/data-integrity/v2", "data-integrity-v2");
    static final JsonObject UNSUPPORTED = Json.createObjectBuilder().add("unsupported", true).build();
    static final JsonObject REFUSE = Json.createObjectBuilder().add("verdict", "refuse").build();
    static final JsonObject ACCEPT = Json.createObjectBuilder().add("verdict", "accept").build();

    final DocumentLoader contexts;

    Adapter(Path folder) {
        super(new EdDSASignature2022());
        contexts = (url, options) -> {
            try {
                Path file = folder.resolve(CONTEXTS.get(url.toString()) + ".jsonld");
                return JsonDocument.of(Files.newBufferedReader(file));
            } catch (Exception e) {
                throw new JsonLdError(JsonLdErrorCode.LOADING_DOCUMENT_FAILED, e);
            }
        };
        loader(contexts);
        methodResolvers(List.of(new DidUrlMethodResolver(MultibaseDecoder.getInstance(), EdDSASignature2022.CODECS)));
    }

    JsonObject proof(JsonObject input) throws Throwable {
        String text = input.getString("document");
        if (!text.stripLeading().startsWith("{")) {
            return UNSUPPORTED; // a token
        }
        JsonObject document = Json.createReader(new StringReader(text)).readObject();
        if (!document.containsKey("proof")) {
            return REFUSE;
        }
        JsonArray proofs = JsonUtils.toJsonArray(document.get("proof"));
        String by = document.getString(input.getString("is").equals("presentation") ? "holder" : "issuer");
        for (JsonObject p : proofs.getValuesAs(JsonObject.class)) {
            if (p.getString("cryptosuite", "").equals("eddsa-jcs-2022")) {
                return UNSUPPORTED;
            }
            // Who signs, and for what, the library leaves to its caller.
            if (!p.getString("proofPurpose", "").equals(input.getString("purpose"))
                || !p.getString("verificationMethod", "").split("#")[0].equals(by)) {
                return REFUSE;
            }
        }
        JsonArray expanded = expand(document, contexts);
        verifyProofs(JsonUtils.toJsonArray(document.get("@context")), expanded.getJsonObject(0), Map.of(), contexts);
        return ACCEPT;
    }

    JsonObject rdfc(JsonObject input) throws Throwable {
        JsonObject document = Json.createReader(new StringReader(input.getString("document"))).readObject();
        byte[] nquads = new Urdna2015().canonicalize(expand(document, contexts));
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(nquads));
        return Json.createObjectBuilder(ACCEPT).add("output", Json.createObjectBuilder()
            .add("nquads", new String(nquads, StandardCharsets.UTF_8)).add("sha256", hash)).build();
    }

    JsonObject answer(String kind, JsonObject input) throws Throwable {
        switch (kind) {
            case "proof": return proof(input);
            case "rdfc": return rdfc(input);
            default: return UNSUPPORTED;
        }
    }

    public static void main(String[] args) throws Exception {
        Adapter adapter = new Adapter(Path.of(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null;) {
            JsonObject request = Json.createReader(new StringReader(line)).readObject();
            JsonObject answer;
            try {
                answer = adapter.answer(request.getString("kind"), request.getJsonObject("input"));
            } catch (Throwable e) { // errors of the library are not Exceptions
                answer = REFUSE;
                if (System.getenv("EXPLAIN") != null) {
                    System.err.println(request.getString("id") + " " + e);
                }
            }
            JsonObjectBuilder named = Json.createObjectBuilder(answer).add("id", request.getString("id"));
            out.println(named.build());
            out.flush();
        }
    }
}
