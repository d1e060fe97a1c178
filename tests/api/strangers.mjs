export async function elsewhere() {}
