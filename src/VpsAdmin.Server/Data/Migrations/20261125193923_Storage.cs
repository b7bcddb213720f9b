using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VpsAdmin.Server.Data.Migrations
{
    /// <inheritdoc />
    public partial class Storage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTime>(
                name: "FinishedAt",
                table: "Transactions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "StartedAt",
                table: "Transactions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ConcernType",
                table: "TransactionChains",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "LocationId",
                table: "Nodes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "LocalProperties",
                table: "Datasets",
                type: "TEXT",
                nullable: false,
                defaultValue: "{}");

            migrationBuilder.AddColumn<int>(
                name: "MinSnapshots",
                table: "DatasetInPools",
                type: "INTEGER",
                nullable: false,
                defaultValue: 14);

            migrationBuilder.AddColumn<int>(
                name: "SnapshotMaxAge",
                table: "DatasetInPools",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1209600);

            migrationBuilder.CreateTable(
                name: "ChainConcerns",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ChainId = table.Column<long>(type: "INTEGER", nullable: false),
                    ClassName = table.Column<string>(type: "TEXT", nullable: false),
                    RowId = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ChainConcerns", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ChainConcerns_TransactionChains_ChainId",
                        column: x => x.ChainId,
                        principalTable: "TransactionChains",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "DatasetTrees",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    DatasetInPoolId = table.Column<long>(type: "INTEGER", nullable: false),
                    Index = table.Column<int>(type: "INTEGER", nullable: false),
                    IsHead = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Confirmed = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DatasetTrees", x => x.Id);
                    table.ForeignKey(
                        name: "FK_DatasetTrees_DatasetInPools_DatasetInPoolId",
                        column: x => x.DatasetInPoolId,
                        principalTable: "DatasetInPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Environments",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Label = table.Column<string>(type: "TEXT", nullable: false),
                    Domain = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Environments", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "MigrationPlans",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    UserId = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    StopOnError = table.Column<bool>(type: "INTEGER", nullable: false),
                    SendMail = table.Column<bool>(type: "INTEGER", nullable: false),
                    Concurrency = table.Column<int>(type: "INTEGER", nullable: false),
                    Reason = table.Column<string>(type: "TEXT", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MigrationPlans", x => x.Id);
                    table.ForeignKey(
                        name: "FK_MigrationPlans_Users_UserId",
                        column: x => x.UserId,
                        principalTable: "Users",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Branches",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    TreeId = table.Column<long>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Index = table.Column<int>(type: "INTEGER", nullable: false),
                    IsHead = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Confirmed = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Branches", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Branches_DatasetTrees_TreeId",
                        column: x => x.TreeId,
                        principalTable: "DatasetTrees",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Locations",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    EnvironmentId = table.Column<long>(type: "INTEGER", nullable: false),
                    Label = table.Column<string>(type: "TEXT", nullable: false),
                    Domain = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Locations", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Locations_Environments_EnvironmentId",
                        column: x => x.EnvironmentId,
                        principalTable: "Environments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "VpsMigrations",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    PlanId = table.Column<long>(type: "INTEGER", nullable: false),
                    VpsId = table.Column<long>(type: "INTEGER", nullable: false),
                    SourceNodeId = table.Column<long>(type: "INTEGER", nullable: false),
                    TargetNodeId = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    ChainId = table.Column<long>(type: "INTEGER", nullable: true),
                    MaintenanceWindow = table.Column<bool>(type: "INTEGER", nullable: false),
                    CleanupData = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<DateTime>(type: "TEXT", nullable: true),
                    FinishedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VpsMigrations", x => x.Id);
                    table.ForeignKey(
                        name: "FK_VpsMigrations_MigrationPlans_PlanId",
                        column: x => x.PlanId,
                        principalTable: "MigrationPlans",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_VpsMigrations_Nodes_SourceNodeId",
                        column: x => x.SourceNodeId,
                        principalTable: "Nodes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_VpsMigrations_Nodes_TargetNodeId",
                        column: x => x.TargetNodeId,
                        principalTable: "Nodes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_VpsMigrations_TransactionChains_ChainId",
                        column: x => x.ChainId,
                        principalTable: "TransactionChains",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_VpsMigrations_Vpses_VpsId",
                        column: x => x.VpsId,
                        principalTable: "Vpses",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "SnapshotInBranches",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    SnapshotInPoolId = table.Column<long>(type: "INTEGER", nullable: false),
                    BranchId = table.Column<long>(type: "INTEGER", nullable: false),
                    OriginId = table.Column<long>(type: "INTEGER", nullable: true),
                    Confirmed = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SnapshotInBranches", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SnapshotInBranches_Branches_BranchId",
                        column: x => x.BranchId,
                        principalTable: "Branches",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_SnapshotInBranches_SnapshotInBranches_OriginId",
                        column: x => x.OriginId,
                        principalTable: "SnapshotInBranches",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_SnapshotInBranches_SnapshotInPools_SnapshotInPoolId",
                        column: x => x.SnapshotInPoolId,
                        principalTable: "SnapshotInPools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Nodes_LocationId",
                table: "Nodes",
                column: "LocationId");

            migrationBuilder.CreateIndex(
                name: "IX_Branches_TreeId_Name_Index",
                table: "Branches",
                columns: new[] { "TreeId", "Name", "Index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ChainConcerns_ChainId",
                table: "ChainConcerns",
                column: "ChainId");

            migrationBuilder.CreateIndex(
                name: "IX_ChainConcerns_ClassName_RowId",
                table: "ChainConcerns",
                columns: new[] { "ClassName", "RowId" });

            migrationBuilder.CreateIndex(
                name: "IX_DatasetTrees_DatasetInPoolId_Index",
                table: "DatasetTrees",
                columns: new[] { "DatasetInPoolId", "Index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Locations_EnvironmentId",
                table: "Locations",
                column: "EnvironmentId");

            migrationBuilder.CreateIndex(
                name: "IX_MigrationPlans_UserId",
                table: "MigrationPlans",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_SnapshotInBranches_BranchId",
                table: "SnapshotInBranches",
                column: "BranchId");

            migrationBuilder.CreateIndex(
                name: "IX_SnapshotInBranches_OriginId",
                table: "SnapshotInBranches",
                column: "OriginId");

            migrationBuilder.CreateIndex(
                name: "IX_SnapshotInBranches_SnapshotInPoolId",
                table: "SnapshotInBranches",
                column: "SnapshotInPoolId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_ChainId",
                table: "VpsMigrations",
                column: "ChainId");

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_PlanId",
                table: "VpsMigrations",
                column: "PlanId");

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_SourceNodeId",
                table: "VpsMigrations",
                column: "SourceNodeId");

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_TargetNodeId",
                table: "VpsMigrations",
                column: "TargetNodeId");

            migrationBuilder.CreateIndex(
                name: "IX_VpsMigrations_VpsId",
                table: "VpsMigrations",
                column: "VpsId");

            migrationBuilder.AddForeignKey(
                name: "FK_Nodes_Locations_LocationId",
                table: "Nodes",
                column: "LocationId",
                principalTable: "Locations",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_Nodes_Locations_LocationId",
                table: "Nodes");

            migrationBuilder.DropTable(
                name: "ChainConcerns");

            migrationBuilder.DropTable(
                name: "Locations");

            migrationBuilder.DropTable(
                name: "SnapshotInBranches");

            migrationBuilder.DropTable(
                name: "VpsMigrations");

            migrationBuilder.DropTable(
                name: "Environments");

            migrationBuilder.DropTable(
                name: "Branches");

            migrationBuilder.DropTable(
                name: "MigrationPlans");

            migrationBuilder.DropTable(
                name: "DatasetTrees");

            migrationBuilder.DropIndex(
                name: "IX_Nodes_LocationId",
                table: "Nodes");

            migrationBuilder.DropColumn(
                name: "FinishedAt",
                table: "Transactions");

            migrationBuilder.DropColumn(
                name: "StartedAt",
                table: "Transactions");

            migrationBuilder.DropColumn(
                name: "ConcernType",
                table: "TransactionChains");

            migrationBuilder.DropColumn(
                name: "LocationId",
                table: "Nodes");

            migrationBuilder.DropColumn(
                name: "LocalProperties",
                table: "Datasets");

            migrationBuilder.DropColumn(
                name: "MinSnapshots",
                table: "DatasetInPools");

            migrationBuilder.DropColumn(
                name: "SnapshotMaxAge",
                table: "DatasetInPools");
        }
    }
}
