/// The floor in hello's place under systemd.
public enum FloorUnits {
    /// Turns a unit of hello into one of the floor: the same sandbox, with a program, a port and paths of its own.
    public static func unit(from text: String) -> String {
        text.replacing("hello", with: "floor").replacing(":8080", with: ":8090")
    }
}
