// Answers the reference tests with the libraries of com.apicatalog: titanium-json-ld
// and titanium-rdfc. Nothing is fetched.
import com.apicatalog.jsonld.JsonLd;
import com.apicatalog.jsonld.JsonLdError;
import com.apicatalog.jsonld.JsonLdErrorCode;
import com.apicatalog.jsonld.document.JsonDocument;
import com.apicatalog.jsonld.loader.DocumentLoader;
import com.apicatalog.rdf.canon.RdfCanon;
import com.apicatalog.rdf.nquads.NQuadsWriter;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;

public class Adapter {
    static final Map<String, String> CONTEXTS = Map.of(
        "https://www.w3.org/ns/credentials/v2", "credentials-v2", "https://w3id.org/safeconduct/v1", "safeconduct-v1",
        "https://w3id.org/vc/status-list/2021/v1", "status-list-2021-v1", "https://w3id.org/security/data-integrity/v2", "data-integrity-v2");

    static DocumentLoader loader(Path folder) {
        return (url, options) -> {
            try {
                return JsonDocument.of(Files.newBufferedReader(folder.resolve(CONTEXTS.get(url.toString()) + ".jsonld")));
            } catch (Exception e) {
                throw new JsonLdError(JsonLdErrorCode.LOADING_DOCUMENT_FAILED, e);
            }
        };
    }

    static String sha256(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static JsonObjectBuilder answer(String member, String text) throws Exception {
        return Json.createObjectBuilder().add("verdict", "accept")
            .add("output", Json.createObjectBuilder().add(member, text).add("sha256", sha256(text)));
    }

    static JsonObjectBuilder ask(String kind, JsonObject input, DocumentLoader loader) throws Exception {
        JsonObjectBuilder unsupported = Json.createObjectBuilder().add("unsupported", true);
        if (kind.equals("rdfc")) {
            RdfCanon canon = RdfCanon.create("SHA-256");
            JsonLd.toRdf(JsonDocument.of(new StringReader(input.getString("document")))).loader(loader).provide(canon);
            StringWriter out = new StringWriter();
            canon.provide(new NQuadsWriter(out));
            return answer("nquads", out.toString());
        }
        return unsupported;
    }

    public static void main(String[] args) throws Exception {
        DocumentLoader loader = loader(Path.of(args[0]));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null;) {
            JsonObject request = Json.createReader(new StringReader(line)).readObject();
            JsonObjectBuilder answer;
            try {
                answer = ask(request.getString("kind"), request.getJsonObject("input"), loader);
            } catch (Exception | StackOverflowError e) {
                answer = Json.createObjectBuilder().add("verdict", "refuse");
                if (System.getenv("EXPLAIN") != null) {
                    System.err.println(request.getString("id") + " " + e);
                }
            }
            out.println(answer.add("id", request.getString("id")).build());
            out.flush();
        }
    }
}
