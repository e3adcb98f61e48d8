import SignetSessions
import Testing

@Suite("What a device is called")
struct DeviceNameTests {
    @Test(
        "is one line of 1 to 128 characters, as it was entered",
        arguments: ["a", "Ada's laptop", " a", "\u{1F4F1} phone", "<b>phone</b>", String(repeating: "é", count: 128)])
    func reads(text: String) {
        #expect(DeviceName(text)?.description == text)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", String(repeating: "a", count: 129), "two\nlines", "tab\t", "bell\u{7}", "\u{1B}[2J", "line\u{2028}separator",
            "paragraph\u{2029}separator", "c1\u{85}control", "nul\0", " ", "\u{3000}\u{A0}", "tel\u{202E}enohp",
        ])
    func refuses(text: String) {
        #expect(DeviceName(text) == nil)
    }
}
