import ArgumentParser
import Foundation
import SignetClient
import SignetTokens

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// `signet call METHOD URL`: calls an API as the person who is signed in.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call an API with the access token, renewed when needed.",
        discussion: "Prints the answer's body; status 1 when the API answers 400 or more."
    )

    @Argument(help: "GET, POST, PUT, PATCH, DELETE, ...") var method: String
    @Argument(help: "https, or this machine; a path alone is the server's own.") var url: String
    @Option(help: "The request's body; its type is application/json if it is JSON, unless a header says otherwise.")
    var data: String?
    @Option(name: .customLong("header"), help: "A header field, as 'Name: value'; may be repeated.") var headers: [String] = []
    @OptionGroup var options: EndClientOptions

    func validate() throws {
        guard method.utf8.allSatisfy({ $0.isLetter || $0 == UInt8(ascii: "-") }), !method.isEmpty else {
            throw ValidationError("'\(method)' is not an HTTP method.")
        }
        guard url.hasPrefix("/") || URL(string: url)?.host() != nil else { throw ValidationError("'\(url)' is not a URL.") }
        for header in headers where Self.field(header) == nil {
            throw ValidationError("'\(header)' is not a header field; write 'Name: value'.")
        }
    }

    func run() async throws {
        let request = try request()
        // Whoever types an address has named its origin; https or loopback it must be all the same.
        let client = try options.client(origins: [request.url].compactMap(\.self))
        let (body, response) = try await client.data(for: request)

        FileHandle.standardOutput.write(body)
        if isatty(STDOUT_FILENO) == 1, let last = body.last, last != UInt8(ascii: "\n") { Output.line("") }
        guard response.statusCode < 400 else {
            let phrase = HTTPURLResponse.localizedString(forStatusCode: response.statusCode)
            throw CommandFailure("\(method.uppercased()) \(url) was answered with \(response.statusCode) (\(phrase)).")
        }
    }

    private func request() throws -> URLRequest {
        let base = url.hasPrefix("/") ? try options.tokenStore.read()?.server ?? "" : ""
        guard let url = URL(string: base + url) else { throw CommandFailure("'\(url)' is not a URL.") }
        var request = URLRequest(url: url)
        request.httpMethod = method.uppercased()
        if let data {
            request.httpBody = Data(data.utf8)
            let isJSON = (try? JSONValue(parsing: data.utf8)) != nil
            request.setValue(isJSON ? "application/json" : "text/plain; charset=utf-8", forHTTPHeaderField: "Content-Type")
        }
        for (name, value) in headers.compactMap(Self.field) { request.setValue(value, forHTTPHeaderField: name) }
        return request
    }

    private static func field(_ text: String) -> (name: String, value: String)? {
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            return nil
        }
        return (String(text[..<colon]), text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
