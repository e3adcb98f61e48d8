import Testing

@testable import signet

@Suite("A script of faults")
struct FaultScriptTests {
    @Test("has one word for each renewal, with comments and empty lines between")
    func words() throws {
        let text = """
            # a bad morning
            pass
            lose-answer   # the server has renewed

            lose-request
            reset
            cut-answer-at 0
              cut-answer-at 120
            delay 2s
            repeat
            401
            429
            503
            504
            html
            redirect
            """

        #expect(
            try FaultScript.faults(in: text) == [
                .none, .loseAnswer, .loseRequest, .reset, .cutAnswerAt(0), .cutAnswerAt(120), .delayAnswer(.seconds(2)),
                .repeatRequest(after: nil, answerWithCopy: false), .answer(.status(401)), .answer(.status(429)),
                .answer(.status(503)), .answer(.status(504)), .answer(.portal), .answer(.redirect),
            ])
    }

    @Test("lines may end as they do on Windows")
    func windows() throws {
        #expect(try FaultScript.faults(in: "pass\r\n\r\nhtml\r\n") == [.none, .answer(.portal)])
    }

    @Test(
        "a word that is none is named with its line",
        arguments: [
            "loose-answer", "pass pass", "cut-answer-at", "cut-answer-at -1", "cut-answer-at x", "delay", "delay 2",
            "delay never", "200",
            "404", "lose-answer 3", "LOSE-ANSWER",
        ])
    func problem(line: String) {
        #expect(throws: FaultScript.Problem(line: 3, text: line)) { try FaultScript.faults(in: "pass\n\n\(line) # why\npass\n") }
    }

    @Test(
        "a fault's word is the one by which a script asks for it",
        arguments: ["pass", "lose-request", "reset", "lose-answer", "repeat", "503", "html", "redirect"])
    func word(word: String) throws {
        #expect(try FaultScript.faults(in: word).map(\.word) == [word])
    }
}
