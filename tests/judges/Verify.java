// Judges XML signatures with the JDK alone: one line a file, "<path> valid" or "<path> invalid <reason>".
// Argument --dropped: blank text nodes are dropped before judging, as DGII's parser does.

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

public class Verify {
    private static final String DSIG = XMLSignature.XMLNS;

    public static void main(String[] arguments) throws Exception {
        boolean dropped = false;
        boolean allValid = true;
        for (String argument : arguments) {
            if (argument.equals("--dropped")) {
                dropped = true;
                continue;
            }
            String reason = judge(Files.readAllBytes(Path.of(argument)), dropped);
            System.out.println(argument + (reason == null ? " valid" : " invalid " + reason));
            allValid &= reason == null;
        }
        System.exit(allValid ? 0 : 1);
    }

    private static String judge(byte[] xml, boolean dropped) {
        try {
            DocumentBuilderFactory builders = DocumentBuilderFactory.newInstance();
            builders.setNamespaceAware(true);
            builders.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            builders.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            Document document = builders.newDocumentBuilder().parse(new ByteArrayInputStream(xml));
            if (dropped) {
                dropBlanks(document.getDocumentElement());
            }
            NodeList signatures = document.getElementsByTagNameNS(DSIG, "Signature");
            if (signatures.getLength() != 1) {
                return signatures.getLength() + " signatures";
            }
            Element signature = (Element) signatures.item(0);
            if (signature.getParentNode() != document.getDocumentElement()) {
                return "signature not in the root";
            }
            X509Certificate certificate = certificateOf(signature);
            DOMValidateContext context = new DOMValidateContext(
                KeySelector.singletonKeySelector(certificate.getPublicKey()), signature);
            context.setProperty("org.jcp.xml.dsig.secureValidation", true);
            XMLSignature parsed = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
            if (!parsed.validate(context)) {
                boolean value = parsed.getSignatureValue().validate(context);
                return value ? "digest" : "value";
            }
            return null;
        } catch (Exception refused) {
            return refused.getClass().getSimpleName();
        }
    }

    private static X509Certificate certificateOf(Element signature) throws Exception {
        Node text = signature.getElementsByTagNameNS(DSIG, "X509Certificate").item(0);
        byte[] der = Base64.getMimeDecoder().decode(text.getTextContent());
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static void dropBlanks(Node node) {
        List<Node> blanks = new ArrayList<>();
        NodeList children = node.getChildNodes();
        for (int i = 0; i < children.getLength(); i++) {
            Node child = children.item(i);
            if (child.getNodeType() == Node.TEXT_NODE && child.getNodeValue().matches("[ \\t\\r\\n]*")) {
                blanks.add(child);
            } else {
                dropBlanks(child);
            }
        }
        blanks.forEach(node::removeChild);
    }
}
