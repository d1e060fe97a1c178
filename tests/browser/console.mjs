export async function consoleTests() {}
