using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>Makes records of the module's own libraries, which live in a context that tests cannot refer to.</summary>
internal static class ModuleRecord
{
    /// <param name="type">Full name; the assembly is the first two words of it.</param>
    public static PSObject New(string type, params object?[] values)
    {
        var found = Find(type);
        var constructor = found.GetConstructors().Single(c => c.GetParameters().Length == values.Length);
        var arguments = constructor.GetParameters().Select((p, i) => Convert(values[i], p.ParameterType)).ToArray();
        return PSObject.AsPSObject(constructor.Invoke(arguments));
    }

    private static object? Convert(object? value, Type type)
    {
        var wanted = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            PSObject wrapped => wrapped.BaseObject,
            string text when wanted.IsEnum => Enum.Parse(wanted, text),
            int number when wanted == typeof(long) => (long)number,
            PSObject[] => throw new ArgumentException("Give lists as arrays of objects.", nameof(value)),
            object[] list when wanted.IsGenericType => ConvertList(list, wanted.GetGenericArguments()[0]),
            _ => value,
        };
    }

    private static Array ConvertList(object[] list, Type element)
    {
        var array = Array.CreateInstance(element, list.Length);
        for (var i = 0; i < list.Length; i++)
            array.SetValue(Convert(list[i], element), i);
        return array;
    }

    private static Type Find(string type)
    {
        var context = AssemblyLoadContext.All.Single(c => c.Name == "VpsAdmin");
        return context.LoadFromAssemblyName(new AssemblyName(string.Join('.', type.Split('.').Take(2)))).GetType(type, throwOnError: true)!;
    }
}
